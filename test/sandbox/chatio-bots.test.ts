import { expect, test } from "vitest";
import { readTokens, refusalOf } from "./answers.ts";
import { license, pizza, startChatio } from "./chatio-caller.ts";
import { startReceiver } from "./receiver.ts";

const url = "http://127.0.0.1:9/hook";
const webhooks = { url, secret_key: "hook-secret", actions: [{ name: "incoming_event" }] };

test("a bot agent is created, listed, read, updated and removed", async () => {
  const { sandbox, install, configure } = await startChatio();
  const { access_token: token } = await install();

  const created = await configure("create_bot_agent", token, { ...pizza, webhooks });
  expect(created.status).toBe(200);
  const [bot] = sandbox.botAgents(license);
  const id = bot?.id ?? "";
  expect(await created.json()).toEqual({ bot_agent_id: id });
  expect(bot).toEqual({ id, ...pizza, webhooks: { url, actions: ["incoming_event"] }, loggedIn: true });

  const list = await configure("get_bot_agents", token, {});
  expect(await list.json()).toEqual({ bot_agents: [{ id, ...pizza, avatar: "" }] });
  const details = await configure("get_bot_agent_details", token, { bot_agent_id: id });
  expect(await details.json()).toEqual({
    bot_agent: { id, ...pizza, application: { client_id: "client" }, groups: [], webhooks },
  });

  const updated = await configure("update_bot_agent", token, { id, name: "Pasta BOT" });
  expect(await updated.json()).toEqual({});
  expect(sandbox.botAgents(license)).toMatchObject([{ name: "Pasta BOT", status: pizza.status }]);

  const removed = await configure("remove_bot_agent", token, { bot_agent_id: id });
  expect(await removed.json()).toEqual({});
  expect(sandbox.botAgents(license)).toEqual([]);
});

test.each([
  ["create_bot_agent", {}],
  ["create_bot_agent", { ...pizza }],
  ["create_bot_agent", { ...pizza, status: "asleep", webhooks }],
  ["create_bot_agent", { ...pizza, webhooks: { ...webhooks, url: "nowhere" } }],
  ["create_bot_agent", { ...pizza, webhooks: { ...webhooks, actions: ["incoming_event"] } }],
  ["create_bot_agent", { ...pizza, webhooks, unheard_of: 1 }],
  ["create_bot_agent", ["no object"]],
  ["update_bot_agent", { name: "Pizza BOT" }],
  ["update_bot_agent", { id: "unknown" }],
  ["remove_bot_agent", { bot_agent_id: "unknown" }],
  ["remove_bot_agent", {}],
  ["get_bot_agents", { all: "yes" }],
  ["get_bot_agent_details", { bot_agent_id: "unknown" }],
  ["get_bot_agent_wishes", {}],
])("%s refuses %o as a validation error", async (endpoint, body) => {
  const { install, configure } = await startChatio();
  const { access_token } = await install();
  const answer = await configure(endpoint, access_token, body);
  expect(await refusalOf(answer)).toEqual({ status: 400, type: "validation" });
});

test("a body that is not JSON, not declared as JSON, or too large is a validation error", async () => {
  const { sandbox, install } = await startChatio();
  const { access_token } = await install();
  const address = `${sandbox.apiUrl}/configuration/v0.3/agents/get_bot_agents`;
  for (const [type, body] of [
    ["application/json", "{"],
    ["text/plain", "{}"],
    ["application/json", JSON.stringify({ all: "x".repeat(1_100_000) })],
  ] as const) {
    const headers = { authorization: `Bearer ${access_token}`, "content-type": type };
    const answer = await fetch(address, { method: "POST", headers, body });
    expect(await refusalOf(answer)).toEqual({ status: 400, type: "validation" });
  }
});

test("another API version is unsupported, whatever the token", async () => {
  const { call } = await startChatio();
  for (const path of ["configuration/v0.4/agents/get_bot_agents", "agent/v0.4/action/join_chat"]) {
    const other = await call(`/${path}`, "no token", {});
    expect(await refusalOf(other)).toEqual({ status: 400, type: "unsupported_version" });
  }
  const right = await call("/configuration/v0.3/agents/get_bot_agents", "no token", {});
  expect(await refusalOf(right)).toEqual({ status: 401, type: "authentication" });
});

test("a bot belongs to the license of the token: another license neither sees nor changes it", async () => {
  const { sandbox, install, configure, createBot } = await startChatio();
  sandbox.addLicense(1521);
  const id = await createBot((await install()).access_token, url);
  const { access_token: foreign } = await install(1521);

  expect(await (await configure("get_bot_agents", foreign, { all: true })).json()).toEqual({
    bot_agents: [],
  });
  const update = await configure("update_bot_agent", foreign, { id, name: "Mine BOT" });
  expect(await refusalOf(update)).toEqual({ status: 400, type: "validation" });
});

test("a bot is logged out and gets no webhooks when its token is revoked, even if a newer token is valid, until it is updated", async () => {
  const { sandbox, install, refresh, revoke, createBot, configure, join } = await startChatio();
  const receiver = await startReceiver();
  const old = await install();
  const id = await createBot(old.access_token, receiver.url, ["incoming_event"]);
  const { access_token: renewed } = await readTokens(await refresh(old.refresh_token));
  const { chatId } = await sandbox.startChat(license, "hello");

  await revoke(old.access_token);
  expect(sandbox.botAgents(license)).toMatchObject([{ loggedIn: false }]);
  await sandbox.customerWrites(chatId, "still here?");
  expect(receiver.received).toEqual([]);
  expect(await refusalOf(await join(renewed, id, chatId))).toEqual({ status: 403, type: "authorization" });

  await configure("update_bot_agent", renewed, { id });
  expect(sandbox.botAgents(license)).toMatchObject([{ loggedIn: true }]);
  expect((await join(renewed, id, chatId)).status).toBe(200);
});

test("a bot removed by a person gets no webhooks and is in no chat", async () => {
  const { sandbox, install, createBot, join } = await startChatio();
  const receiver = await startReceiver();
  const { access_token: token } = await install();
  const id = await createBot(token, receiver.url, ["incoming_event"]);
  const { chatId } = await sandbox.startChat(license, "hello");
  await join(token, id, chatId);
  await sandbox.settled();
  expect(sandbox.members(chatId)).toEqual([id]);

  sandbox.removeBotAgent(license, id);
  await sandbox.customerWrites(chatId, "still here?");

  expect(sandbox.members(chatId)).toEqual([]);
  expect(receiver.received).toHaveLength(1);
  expect(await refusalOf(await join(token, id, chatId))).toEqual({ status: 403, type: "authorization" });
});
