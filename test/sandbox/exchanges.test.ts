import { expect, test, vi } from "vitest";
import type { ChatioOptions } from "../../src/sandbox/chatio/index.ts";
import type { Exchange } from "../../src/sandbox/exchanges.ts";
import { license, redirectUri, startChatio } from "./chatio-caller.ts";
import { organization, startInstalled } from "./livechat-caller.ts";
import { startReceiver } from "./receiver.ts";
import { startWebex } from "./webex-caller.ts";

const mask = "•••";

/** Listens to a stand-in. What was reported must never change afterwards. */
function listen() {
  const told: Exchange[] = [];
  const onExchange = (exchange: Exchange) => void told.push(Object.freeze(exchange));
  const began = () => told.filter(({ ms }) => ms === null);
  const ended = () => told.filter(({ ms }) => ms !== null);
  return { told, onExchange, began, ended };
}

async function startWatched(overrides: Partial<ChatioOptions> = {}) {
  const heard = listen();
  const chatio = await startChatio({ onExchange: heard.onExchange, ...overrides });
  return { ...chatio, ...heard };
}

async function startWithBot() {
  const chatio = await startWatched();
  const receiver = await startReceiver();
  const { access_token } = await chatio.install();
  await chatio.createBot(access_token, receiver.url);
  chatio.told.length = 0;
  return { ...chatio, receiver };
}

test("where answers are listened to, calls are reported with name, body and status, and none is kept", async () => {
  const onAnswer = vi.fn();
  const { sandbox, exchange } = await startChatio({ onAnswer });

  await exchange("wrong");

  const text = expect.stringContaining("code=wrong");
  expect(onAnswer.mock.calls).toEqual([[{ name: "exchange", text, status: 400 }]]);
  expect(sandbox.calls).toEqual([]);
});

test("a call is reported when it begins and when it is answered, with secrets masked", async () => {
  const { sandbox, exchange, told } = await startWatched();
  const before = Date.now();
  await exchange(sandbox.issueCode());

  const begun = {
    id: expect.any(Number),
    at: expect.any(Number),
    platform: "chat.io",
    kind: "call",
    method: "POST",
    path: "/token",
    status: null,
    ms: null,
    request: {
      client_id: "client",
      client_secret: mask,
      grant_type: "authorization_code",
      code: mask,
      redirect_uri: redirectUri,
    },
    response: undefined,
  };
  const response = { access_token: mask, refresh_token: mask, expires_in: 3920, token_type: "Bearer" };
  expect(told).toEqual([begun, { ...begun, status: 200, ms: expect.any(Number), response }]);
  expect(told[0]?.id).toBe(told[1]?.id);
  expect(told[0]?.at).toBeGreaterThanOrEqual(before);
  expect(told[0]?.at).toBeLessThanOrEqual(Date.now());
});

test("a path is reported with its query, with tokens masked", async () => {
  const { install, revoke, ended } = await startWatched();
  await revoke((await install()).access_token);
  expect(ended().at(-1)).toMatchObject({ method: "DELETE", path: `/token?token=${mask}`, status: 200 });
});

test("a call that is refused, or answered with a web page, is reported with its answer", async () => {
  const { sandbox, info, ended } = await startWatched();
  await info("wrong");
  sandbox.faults.inject({ kind: "status-503", times: 1 });
  await info("wrong");
  expect(ended()).toMatchObject([
    { path: "/info", status: 401, request: undefined, response: { error: "invalid_token" } },
    { path: "/info", status: 503, response: expect.stringContaining("<!doctype html>") },
  ]);
});

test.each(["reset", "lost-answer"] as const)("a call that meets %s ends without a status", async (kind) => {
  const { sandbox, info, began, ended } = await startWatched();
  sandbox.faults.inject({ kind });
  await expect(info("any")).rejects.toThrow();
  await vi.waitFor(() => expect(ended()).toMatchObject([{ status: null, response: undefined }]));
  expect(began()).toHaveLength(1);
});

test("a call that hangs is under way until the caller hangs up", async () => {
  const { sandbox, began, ended } = await startWatched();
  sandbox.faults.inject({ kind: "hang" });
  const patience = new AbortController();
  const hanging = fetch(`${sandbox.accountsUrl}/info`, { signal: patience.signal });
  await vi.waitFor(() => expect(began()).toHaveLength(1));
  expect(ended()).toEqual([]);

  patience.abort();

  await expect(hanging).rejects.toThrow();
  await vi.waitFor(() => expect(ended()).toMatchObject([{ id: began()[0]?.id, status: null }]));
});

test("a slow answer that comes after the caller has hung up is not reported", async () => {
  const { sandbox, ended } = await startWatched();
  sandbox.faults.inject({ kind: "slow", delayMs: 200 });
  const signal = AbortSignal.timeout(20);
  await expect(fetch(`${sandbox.accountsUrl}/info`, { signal })).rejects.toThrow();

  // The stand-in has made its answer by the time it records the status.
  await vi.waitFor(() => expect(sandbox.calls).toMatchObject([{ status: 401 }]));

  expect(ended()).toMatchObject([{ status: null }]);
});

test("a webhook is reported with the server's answer, with its secret key masked", async () => {
  const { sandbox, told } = await startWithBot();
  const { chatId } = await sandbox.startChat(license, "pizza?");
  const begun = {
    platform: "chat.io",
    kind: "webhook",
    method: "POST",
    path: "/hook",
    request: { action: "incoming_chat_thread", secret_key: mask, data: { chat: { id: chatId } } },
  };
  expect(told).toMatchObject([
    { ...begun, status: null, ms: null },
    { ...begun, status: 200, ms: expect.any(Number), response: undefined },
  ]);
});

test("every attempt and every copy of a webhook is a separate exchange", async () => {
  const { sandbox, receiver, ended } = await startWithBot();
  Object.assign(sandbox.delivery, { attempts: 2, retryAfterMs: 1, copies: 2 });
  receiver.status = () => 500;
  await sandbox.startChat(license, "pizza?");
  expect(ended().map(({ status }) => status)).toEqual([500, 500, 500, 500]);
  expect(new Set(ended().map(({ id }) => id)).size).toBe(4);
});

test("while the network is cut no attempt arrives; afterwards the next one does", async () => {
  const { sandbox, receiver, ended } = await startWithBot();
  Object.assign(sandbox.delivery, { attempts: 1000, retryAfterMs: 1, isOffline: true });
  const started = sandbox.startChat(license, "pizza?");
  await vi.waitFor(() => expect(ended().length).toBeGreaterThan(1));
  expect(receiver.received).toEqual([]);

  sandbox.delivery.isOffline = false;
  await started;

  expect(receiver.received).toHaveLength(1);
  const statuses = ended().map(({ status }) => status);
  expect(statuses.pop()).toBe(200);
  expect(new Set(statuses)).toEqual(new Set([null]));
});

test("a browser's visit to the consent page is no exchange", async () => {
  const { consent, told, sandbox } = await startWatched();
  await consent();
  await consent({ client_id: "unheard of" });
  expect(sandbox.calls).toHaveLength(2);
  expect(told).toEqual([]);
});

test("Webex reports calls and webhooks, too, with the hook's secret masked, under ids of their own", async () => {
  const chatio = await startWatched();
  const { onExchange, ended } = listen();
  const { sandbox, post } = await startWebex({ onExchange });
  const receiver = await startReceiver();
  const room = sandbox.addRoom({ title: "ana", type: "direct", members: ["ana@example.com"] });
  const hook = { name: "globobot", targetUrl: receiver.url, resource: "messages", event: "created" };

  await chatio.info("any");
  await post("/webhooks", { ...hook, secret: "s3cret" });
  await sandbox.says("ana@example.com", room.id, "acct100");

  const masked = { ...hook, secret: mask };
  expect(ended()).toMatchObject([
    { platform: "Webex", kind: "call", path: "/v1/webhooks", request: masked, response: masked },
    { platform: "Webex", kind: "webhook", path: "/hook", request: { resource: "messages" } },
  ]);
  expect(new Set([...chatio.ended(), ...ended()].map(({ id }) => id)).size).toBe(3);
});

test("LiveChat reports calls and webhooks, too, with all secrets masked", async () => {
  const { onExchange, ended } = listen();
  const { sandbox, exchange, bot, accessToken, botToken } = await startInstalled({}, { onExchange });
  await exchange("fra:used", { code_verifier: "v".repeat(43) });
  await sandbox.startChat(organization, "pizza?");

  expect(ended()).toMatchObject([
    { platform: "LiveChat", kind: "call", path: "/v2/token", response: { access_token: mask } },
    { path: "/v3.6/configuration/action/create_bot", response: { id: bot.id, secret: mask } },
    { path: "/v3.6/configuration/action/issue_bot_token", request: { bot_secret: mask } },
    { path: "/v2/token", status: 400, request: { code: mask, code_verifier: mask } },
    { kind: "webhook", path: "/hook", status: 200, request: { secret_key: mask } },
  ]);
  const told = JSON.stringify(ended());
  for (const secret of [bot.secret, accessToken, botToken]) expect(told).not.toContain(secret);
});
