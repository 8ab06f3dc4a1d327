import { expect, test } from "vitest";
import { Unauthentic } from "../../../src/errors.ts";
import { aWebexDelivery, webexSignatures } from "../../support/deliveries.ts";
import { createGlobobot, refusedWith } from "../../support/webex-desk.ts";

const REFUSED =
  "Webex refuses WT_API_TOKEN: it is wrong or was regenerated. Set it to the bot's current token.";

/** Has asked, and met a refused token. */
async function createRefusedGlobobot() {
  const bot = await createGlobobot();
  expect(bot.platform.problem()).toBeNull();
  const { id } = await bot.write("@globobot acct100");
  bot.sandbox.rejectToken();
  await expect(bot.handle(id)).rejects.toMatchObject({ status: 401, retryable: false });
  return { ...bot, id };
}

test("a token that is refused is named as the problem, and logged once", async () => {
  const { handle, id, platform, sink } = await createRefusedGlobobot();

  await expect(handle(id)).rejects.toMatchObject({ status: 401 });

  expect(platform.problem()).toBe(REFUSED);
  expect(sink.messages()).toEqual([REFUSED]);
});

test("a token that is refused when replying is the same problem", async () => {
  const { handle, next, platform, write } = await createGlobobot();
  const { id } = await write("@globobot acct100");
  next("POST /messages", refusedWith(401));

  await expect(handle(id)).rejects.toMatchObject({ status: 401 });

  expect(platform.problem()).toBe(REFUSED);
});

test("once the token is taken again the problem is over, and that is logged, too", async () => {
  const { handle, id, platform, sandbox, sink } = await createRefusedGlobobot();
  sandbox.acceptToken();

  await handle(id);

  expect(platform.problem()).toBeNull();
  expect(sink.messages()).toEqual([REFUSED, "Webex accepts WT_API_TOKEN again."]);
});

test.each([
  ["a 429", refusedWith(429)],
  ["a 500", refusedWith(500)],
  ["a 503", refusedWith(503)],
  ["no answer", { kind: "reset" } as const],
])("%s does not tell that the refused token is good again", async (_what, end) => {
  const { handle, id, next, platform, sink } = await createRefusedGlobobot();
  next("GET /messages/:id", end);

  await expect(handle(id)).rejects.toMatchObject({ retryable: true });

  expect(platform.problem()).toBe(REFUSED);
  expect(sink.messages()).toEqual([REFUSED]);
});

test("with a secret an unsigned delivery is refused before it is read, and a signed one is opened", async () => {
  const { platform } = await createGlobobot({ webhookSecret: "signing-secret-invented" });
  const body = JSON.stringify(aWebexDelivery());
  const signatures = webexSignatures(body, "signing-secret-invented");
  const headers = { "x-spark-signature": signatures["X-Spark-Signature"] };

  await expect(platform.open({ body: Buffer.from("no JSON"), headers: {} })).rejects.toThrow(Unauthentic);
  await expect(platform.open({ body: Buffer.from(body), headers: {} })).rejects.toThrow(Unauthentic);
  expect(await platform.open({ body: Buffer.from(body), headers })).toHaveLength(1);
});

test("without a secret deliveries are opened as they come", async () => {
  const { platform } = await createGlobobot();
  const body = Buffer.from(JSON.stringify(aWebexDelivery()));

  expect(await platform.open({ body, headers: {} })).toHaveLength(1);
});

test("what is left open is warned of at the start", async () => {
  const { platform, sink } = await createGlobobot();

  await platform.start();
  await platform.stop();

  expect(sink.messages().slice(0, 2)).toEqual([
    "WT_WEBHOOK_SECRET is not set: anyone who knows the URL can send deliveries to /wtwebhook.",
    "WT_ALLOWED_SENDERS is not set: anyone who finds globobot in Webex can ask for every balance.",
  ]);
});

test("where secret and list are set, only what the webhooks lack is warned of, and they are reported", async () => {
  const bot = await createGlobobot({ webhookSecret: "invented", allowedSenders: ["@example.com"] });
  expect(bot.hooks()).toEqual({ lookedAt: null, hooks: [] });

  await bot.platform.start();
  await bot.platform.stop();

  const missing = [
    'The webhook "globobot: mentions in groups" is missing. Add it with: npm run webhooks -- add',
    'The webhook "globobot: 1:1 rooms" is missing. Add it with: npm run webhooks -- add',
  ];
  expect(bot.sink.messages()).toEqual(missing);
  expect(bot.platform.warnings()).toEqual(missing);
  expect(bot.hooks()).toEqual({ lookedAt: expect.any(Number), hooks: [] });
});

test("a token that is refused at the start is known to be, before the first question", async () => {
  const { platform, sandbox } = await createGlobobot();
  sandbox.rejectToken();

  await platform.start();
  await platform.stop();

  expect(platform.problem()).toBe(REFUSED);
});
