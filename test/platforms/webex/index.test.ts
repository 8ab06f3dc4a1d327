import nock from "nock";
import { expect, test } from "vitest";
import { createSampleLedger } from "../../../src/accounts.ts";
import { Unauthentic } from "../../../src/errors.ts";
import { createWebex } from "../../../src/platforms/webex/index.ts";
import { aWebexDelivery, webexSignatures } from "../../support/deliveries.ts";
import { aJob } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { forbidNetwork } from "../../support/network.ts";
import { aMessage, globobot, REFUSAL } from "../../support/webex.ts";

forbidNetwork();

const REFUSED =
  "Webex refuses WT_API_TOKEN: it is wrong or was regenerated. Set it to the bot's current token.";

const webex = () => nock("https://webexapis.com");

function createGlobobot({ webhookSecret = null, allowedSenders = null }: Partial<Settings> = {}) {
  const sink = createLogSink();
  const platform = createWebex({
    apiUrl: "https://webexapis.com/v1",
    token: "bot-token-invented",
    targetUrl: "https://bots.example/wtwebhook",
    healWebhooks: false,
    replyPrivately: false,
    webhookSecret,
    allowedSenders,
    ledger: createSampleLedger(),
    log: sink.log,
  });
  const handle = () => {
    const job = aJob({ payload: { messageId: "MSG1" } });
    return platform.handle({ ...job, attempts: 1, acceptedAt: Date.now(), progress: {} }, async () => {});
  };
  return { platform, sink, handle };
}

type Settings = { webhookSecret: string | null; allowedSenders: string[] | null };

/** A job that is answered to the end. */
function answerAll(times = 1): void {
  webex().get("/v1/messages/MSG1").times(times).reply(200, aMessage());
  webex().post("/v1/messages").times(times).reply(200, {});
}

test("the bot asks who it is once, however many questions arrive at the same time", async () => {
  const { handle } = createGlobobot();
  answerAll(10);
  webex().get("/v1/people/me").once().reply(200, globobot);

  await Promise.all(Array.from({ length: 10 }, handle));
});

test("after a failure it asks who it is again", async () => {
  const { handle } = createGlobobot();
  webex().get("/v1/messages/MSG1").reply(200, aMessage());
  webex().get("/v1/people/me").reply(503);
  await expect(handle()).rejects.toMatchObject({ status: 503 });

  answerAll();
  webex().get("/v1/people/me").reply(200, globobot);

  expect(await handle()).toBe("replied");
});

test("at first no problem is known", () => {
  expect(createGlobobot().platform.problem()).toBeNull();
});

test("a refused token is the problem, and is logged once", async () => {
  const { handle, platform, sink } = createGlobobot();
  webex().get("/v1/messages/MSG1").twice().reply(401, REFUSAL);

  await expect(handle()).rejects.toMatchObject({ status: 401, retryable: false });
  await expect(handle()).rejects.toMatchObject({ status: 401 });

  expect(platform.problem()).toBe(REFUSED);
  expect(sink.messages()).toEqual([REFUSED]);
});

test("a token refused on a reply is the same problem", async () => {
  const { handle, platform } = createGlobobot();
  webex().get("/v1/messages/MSG1").reply(200, aMessage());
  webex().get("/v1/people/me").reply(200, globobot);
  webex().post("/v1/messages").reply(401, REFUSAL);

  await expect(handle()).rejects.toMatchObject({ status: 401 });

  expect(platform.problem()).toBe(REFUSED);
});

async function createRefusedGlobobot() {
  const bot = createGlobobot();
  webex().get("/v1/messages/MSG1").reply(401, REFUSAL);
  await bot.handle().catch(() => {});
  return bot;
}

test("once the token is accepted again the problem is over, and that is logged, too", async () => {
  const { handle, platform, sink } = await createRefusedGlobobot();
  answerAll();
  webex().get("/v1/people/me").reply(200, globobot);

  await handle();

  expect(platform.problem()).toBeNull();
  expect(sink.messages()).toEqual([REFUSED, "Webex accepts WT_API_TOKEN again."]);
});

test.each([429, 500, 502, 503])("a %d does not show that the refused token is good again", async (status) => {
  const { handle, platform, sink } = await createRefusedGlobobot();
  webex().get("/v1/messages/MSG1").reply(status, REFUSAL);

  await expect(handle()).rejects.toMatchObject({ status });

  expect(platform.problem()).toBe(REFUSED);
  expect(sink.messages()).toEqual([REFUSED]);
});

test("a missing answer does not show it either", async () => {
  const { handle, platform } = await createRefusedGlobobot();
  webex().get("/v1/messages/MSG1").replyWithError("cut");

  await expect(handle()).rejects.toMatchObject({ status: null });

  expect(platform.problem()).toBe(REFUSED);
});

test("with a secret an unsigned delivery is refused before it is read, and a signed one is opened", async () => {
  const { platform } = createGlobobot({ webhookSecret: "signing-secret-invented" });
  const body = JSON.stringify(aWebexDelivery());
  const signatures = webexSignatures(body, "signing-secret-invented");
  const headers = { "x-spark-signature": signatures["X-Spark-Signature"] };

  await expect(platform.open({ body: Buffer.from("no JSON"), headers: {} })).rejects.toThrow(Unauthentic);
  await expect(platform.open({ body: Buffer.from(body), headers: {} })).rejects.toThrow(Unauthentic);
  expect(await platform.open({ body: Buffer.from(body), headers })).toHaveLength(1);
});

test("without a secret deliveries are opened as they come", async () => {
  const { platform } = createGlobobot();

  expect(
    await platform.open({ body: Buffer.from(JSON.stringify(aWebexDelivery())), headers: {} }),
  ).toHaveLength(1);
});

/** Starts the platform, and stops it once it has checked its webhooks, of which there are none. */
async function startAndStop({ platform }: ReturnType<typeof createGlobobot>): Promise<void> {
  webex().get("/v1/webhooks").query({ max: 100 }).reply(200, { items: [] });
  await platform.start();
  await platform.stop();
}

test("what is left open is logged as a warning at the start", async () => {
  const bot = createGlobobot();

  await startAndStop(bot);

  expect(bot.sink.messages().slice(0, 2)).toEqual([
    "WT_WEBHOOK_SECRET is not set: anyone who knows the URL can send deliveries to /wtwebhook.",
    "WT_ALLOWED_SENDERS is not set: anyone who finds globobot in Webex can ask for every balance.",
  ]);
});

test("with a secret and a list, only missing webhooks are warned about", async () => {
  const bot = createGlobobot({ webhookSecret: "invented", allowedSenders: ["@example.com"] });

  await startAndStop(bot);

  const missing = [
    'The webhook "globobot: mentions in groups" is missing. Add it with: npm run webhooks -- add',
    'The webhook "globobot: 1:1 rooms" is missing. Add it with: npm run webhooks -- add',
  ];
  expect(bot.sink.messages()).toEqual(missing);
  expect(bot.platform.warnings()).toEqual(missing);
});

test("the webhooks that it has checked are reported on request", async () => {
  const bot = createGlobobot();
  expect(bot.platform.hooks?.()).toEqual({ lookedAt: null, hooks: [] });

  await startAndStop(bot);

  expect(bot.platform.hooks?.()).toEqual({ lookedAt: expect.any(Number), hooks: [] });
});

test("a token refused at the start is known before the first question", async () => {
  const { platform } = createGlobobot();
  webex().get("/v1/webhooks").query(true).reply(401, REFUSAL);

  await platform.start();
  await platform.stop();

  expect(platform.problem()).toBe(REFUSED);
});
