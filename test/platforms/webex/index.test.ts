import { expect, test } from "vitest";
import { Unauthentic } from "../../../src/errors.ts";
import { aWebexDelivery, webexSignatures } from "../../support/deliveries.ts";
import { createGlobobot } from "../../support/webex-desk.ts";

const REFUSED =
  "Webex refuses WT_API_TOKEN: it is wrong or was regenerated. Set it to the bot's current token.";

test("a token that is refused is named as the problem and logged once, until it is accepted again", async () => {
  const { handle, platform, sandbox, sink, write } = await createGlobobot();
  const { id } = await write("@globobot acct100");
  expect(platform.problem()).toBeNull();
  sandbox.rejectToken();
  for (let attempt = 0; attempt < 2; attempt += 1)
    await expect(handle(id)).rejects.toMatchObject({ status: 401, retryable: false });
  expect(platform.problem()).toBe(REFUSED);
  expect(sink.messages()).toEqual([REFUSED]);

  sandbox.acceptToken();
  await handle(id);
  expect(platform.problem()).toBeNull();
  expect(sink.messages()).toEqual([REFUSED, "Webex accepts WT_API_TOKEN again."]);
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

test("without a secret deliveries are opened as they come; what is left open is warned of at the start", async () => {
  const { platform, sink } = await createGlobobot();
  const body = Buffer.from(JSON.stringify(aWebexDelivery()));
  expect(await platform.open({ body, headers: {} })).toHaveLength(1);

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
    'The webhook "globobot: mentions in groups" is missing. Add it with: npm run webhooks -- add webex',
    'The webhook "globobot: 1:1 rooms" is missing. Add it with: npm run webhooks -- add webex',
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
