import { expect, test, vi } from "vitest";
import { refusalOf } from "./answers.ts";
import { organization, otherOrganization, startInstalled, startLivechat } from "./livechat-caller.ts";

const groups = [{ id: 0, priority: "supervisor" }];

async function startWithBot() {
  const livechat = await startLivechat();
  const { access_token: token } = await livechat.install();
  const bot = await livechat.createBot(token);
  return { ...livechat, token, bot };
}

test("a bot is created off line, listed, read, updated and deleted", async () => {
  const { sandbox, install, configure } = await startLivechat();
  const { access_token: token } = await install();

  const created = await configure("create_bot", token, { name: "Pizza BOT", groups });
  expect(created.status).toBe(200);
  const [bot] = sandbox.botAgents(organization);
  const id = bot?.id ?? "";
  expect(await created.json()).toEqual({ id, secret: expect.any(String) });
  expect(bot).toEqual({ id, name: "Pizza BOT", status: "offline", groups });

  const list = await configure("list_bots", token, {});
  expect(await list.json()).toEqual([{ id, name: "Pizza BOT", avatar_path: "" }]);
  const chosen = await configure("list_bots", token, { all: false, fields: ["groups"] });
  expect(await chosen.json()).toEqual([{ id, name: "Pizza BOT", avatar_path: "", groups }]);
  const details = await configure("get_bot", token, { id, fields: ["groups"] });
  expect(await details.json()).toEqual({
    id,
    name: "Pizza BOT",
    avatar_path: "",
    default_group_priority: "normal",
    owner_client_id: "client",
    max_chats_count: 6,
    groups,
  });

  const updated = await configure("update_bot", token, { id, name: "Pasta BOT", max_chats_count: 1 });
  expect(await updated.json()).toEqual({});
  expect(sandbox.botAgents(organization)).toMatchObject([{ name: "Pasta BOT", groups }]);

  const deleted = await configure("delete_bot", token, { id });
  expect([deleted.status, await deleted.text()]).toEqual([200, ""]);
  expect(sandbox.botAgents(organization)).toEqual([]);
});

test("groups that are sent replace those of the bot", async () => {
  const { sandbox, configure, token, bot } = await startWithBot();
  const sales = { id: sandbox.addGroup(organization, "Sales"), priority: "supervisor" };
  await configure("update_bot", token, { id: bot.id, groups: [sales] });
  expect(sandbox.botAgents(organization)).toMatchObject([{ groups: [sales] }]);
});

test("groups are listed as a bare array, the later ones too", async () => {
  const { sandbox, configure, token } = await startWithBot();
  const id = sandbox.addGroup(organization, "Sales");
  expect(await (await configure("list_groups", token, {})).json()).toMatchObject([
    { id: 0, name: "General" },
    { id, name: "Sales" },
  ]);
});

test.each([
  ["create_bot", {}],
  ["create_bot", { name: "" }],
  ["create_bot", { name: "x", groups: [0] }],
  ["create_bot", { name: "x", groups: [{ id: 0, priority: "highest" }] }],
  ["create_bot", { name: "x", groups: [{ id: "0", priority: "normal" }] }],
  ["create_bot", { name: "x", max_chats_count: 501 }],
  ["create_bot", { name: "x", owner_client_id: "client" }],
  ["create_bot", ["no object"]],
  ["update_bot", { name: "x" }],
  ["delete_bot", {}],
  ["get_bot", { bot_id: "x" }],
  ["list_bots", { all: "yes" }],
  ["list_bots", { fields: ["secret"] }],
  ["list_groups", { unheard_of: 1 }],
  ["reset_bot_secret", {}],
  ["issue_bot_token", { bot_id: "x" }],
  ["get_license_webhooks_state", { owner_client_id: "client" }],
  ["grant_wishes", {}],
])("%s refuses %o as a validation error", async (method, body) => {
  const { install, configure } = await startLivechat();
  const { access_token } = await install();
  expect(await refusalOf(await configure(method, access_token, body))).toMatchObject({ type: "validation" });
});

test("a body that is not JSON, or not declared as JSON, is a validation error", async () => {
  const { sandbox, token } = await startWithBot();
  const address = `${sandbox.apiUrl}/v3.6/configuration/action/list_bots`;
  for (const [type, body] of Object.entries({ "application/json": "{", "text/plain": "{}" })) {
    const headers = { authorization: `Bearer ${token}`, "content-type": type };
    const answer = await fetch(address, { method: "POST", headers, body });
    expect(await refusalOf(answer)).toMatchObject({ type: "validation" });
  }
});

test("a body too large is refused as what it is", async () => {
  const { configure, token } = await startWithBot();
  const answer = await configure("list_bots", token, { all: "x".repeat(1_100_000) });
  expect(answer.headers.get("x-debug-id")).toBeTruthy();
  expect(await refusalOf(answer)).toMatchObject({ type: "entity_too_large" });
});

test("a group that does not exist is not found", async () => {
  const { configure, token, bot } = await startWithBot();
  const unknown = [{ id: 7, priority: "normal" }];
  const create = await configure("create_bot", token, { name: "x", groups: unknown });
  expect(await refusalOf(create)).toMatchObject({ type: "group_not_found" });
  const update = await configure("update_bot", token, { id: bot.id, groups: unknown });
  expect(await refusalOf(update)).toMatchObject({ type: "group_not_found" });
});

test("another API version is unsupported, whatever the token", async () => {
  const { call } = await startLivechat();
  for (const path of ["v3.5/configuration/action/list_bots", "v3.7/agent/action/send_event"]) {
    expect(await refusalOf(await call(path, "Bearer none", {}))).toMatchObject({
      type: "unsupported_version",
    });
  }
  const right = await call("v3.6/configuration/action/list_bots", "Bearer none", {});
  expect(await refusalOf(right)).toMatchObject({ type: "authentication" });
});

test("a bot belongs to its organization: another one neither sees nor changes it", async () => {
  const { sandbox, install, configure, bot } = await startWithBot();
  sandbox.addOrganization(otherOrganization);
  const { access_token: foreign } = await install(otherOrganization);
  expect(await (await configure("list_bots", foreign, {})).json()).toEqual([]);
  for (const method of ["get_bot", "delete_bot", "reset_bot_secret", "update_bot"]) {
    const answer = await configure(method, foreign, { id: bot.id });
    expect(await refusalOf(answer), method).toMatchObject({ type: "not_found" });
  }
});

test.each([
  ["create_bot", { name: "x" }, "groups--all:ro"],
  ["create_bot", { name: "x" }, "agents-bot--my:ro"],
  ["list_bots", { all: true }, "agents-bot--my:rw"],
  ["list_groups", {}, "agents-bot--my:rw"],
  ["enable_license_webhooks", {}, "webhooks.state:ro"],
  ["register_webhook", {}, "webhooks.configuration:rw"],
])("%s with %o needs more than the scope %s", async (method, body, scope) => {
  const { install, configure } = await startLivechat({ scopes: [scope] });
  const { access_token } = await install();
  expect(await refusalOf(await configure(method, access_token, body))).toMatchObject({
    type: "authorization",
  });
});

test.each([
  ["list_bots", "agents-bot--my:rw"],
  ["list_bots", "agents-bot--all:ro"],
  ["list_groups", "groups--all:rw"],
  ["get_license_webhooks_state", "webhooks.state:rw"],
])("%s is content with the scope %s", async (method, scope) => {
  const { install, configure } = await startLivechat({ scopes: [scope] });
  const { access_token } = await install();
  expect((await configure(method, access_token, {})).status).toBe(200);
});

test("a bot token configures nothing", async () => {
  const { configure, bot, issueBotToken } = await startWithBot();
  const botToken = await issueBotToken(bot);
  const answer = await configure("update_bot", botToken, { id: bot.id, name: "Mine BOT" });
  expect(await refusalOf(answer)).toMatchObject({ type: "authorization" });
});

test("a bot token is issued for the secret alone, and older ones stay valid", async () => {
  const { act, bot, issueBotToken } = await startWithBot();
  const [first, second] = [await issueBotToken(bot), await issueBotToken(bot)];
  expect(second).not.toBe(first);
  for (const token of [first, second]) {
    expect((await act("set_routing_status", token, { status: "offline" })).status).toBe(202);
  }
});

test("a bot token is refused for a wrong secret, client, bot or organization", async () => {
  const { sandbox, askBotToken, bot } = await startWithBot();
  sandbox.addOrganization(otherOrganization);
  const typeOf = async (fields: object) => (await refusalOf(await askBotToken(bot, fields))).type;
  expect(await typeOf({ bot_secret: "other" })).toBe("authentication");
  expect(await typeOf({ client_id: "other" })).toBe("authentication");
  expect(await typeOf({ bot_id: "unknown" })).toBe("not_found");
  expect(await typeOf({ organization_id: otherOrganization })).toBe("not_found");
  expect(await typeOf({ organization_id: "unknown" })).toBe("not_found");
});

test("a token that is sent along to issue a bot token must be valid", async () => {
  const { askBotToken, bot, token } = await startWithBot();
  expect((await askBotToken(bot, {}, `Bearer ${token}`)).status).toBe(200);
  const wrong = await askBotToken(bot, {}, "Bearer wrong");
  expect(await refusalOf(wrong)).toMatchObject({ type: "authentication" });
});

test("a reset secret replaces the old one", async () => {
  const { configure, askBotToken, token, bot } = await startWithBot();
  const answer = await configure("reset_bot_secret", token, { id: bot.id });
  const fields = JSON.parse(JSON.stringify(await answer.json()));
  expect(fields).toEqual({ secret: expect.any(String) });
  expect((await askBotToken(bot)).status).toBe(401);
  expect((await askBotToken({ ...bot, ...fields })).status).toBe(200);
});

test("a bot token is good for 24 hours, and can be made to expire", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const { sandbox, act, bot, issueBotToken } = await startWithBot();
    const setStatus = (token: string) => act("set_routing_status", token, { status: "offline" });
    const token = await issueBotToken(bot);
    vi.setSystemTime(Date.now() + 24 * 3_600_000 - 1000);
    expect((await setStatus(token)).status).toBe(202);
    vi.setSystemTime(Date.now() + 1000);
    expect(await refusalOf(await setStatus(token))).toMatchObject({ type: "authentication" });
    const next = await issueBotToken(bot);
    sandbox.expireBotTokens(organization);
    expect(await refusalOf(await setStatus(next))).toMatchObject({ type: "authentication" });
  } finally {
    vi.useRealTimers();
  }
});

test("revoking the installation leaves the bot's token valid, removing the bot does not", async () => {
  const { sandbox, act, bot, botToken } = await startInstalled();
  const setStatus = () => act("set_routing_status", botToken, { status: "accepting_chats" });
  sandbox.revokeAll();
  expect((await setStatus()).status).toBe(202);
  sandbox.removeBotAgent(organization, bot.id);
  expect(await refusalOf(await setStatus())).toMatchObject({ type: "authentication" });
});

test("while a region is needed, calls without it are misdirected, to either API", async () => {
  const { sandbox, configure, act, askBotToken, accessToken, bot, botToken } = await startInstalled();
  sandbox.setRegion(organization, "us-south1");
  const status = { status: "accepting_chats" };
  for (const answer of [
    await configure("list_groups", accessToken, {}),
    await configure("list_groups", accessToken, {}, { "x-region": "fra" }),
    await act("set_routing_status", botToken, status),
    await askBotToken(bot),
  ]) {
    expect(await answer.json()).toEqual({
      error: {
        type: "misdirected_request",
        message: expect.any(String),
        data: { region: "us-south1" },
      },
    });
  }
  const headers = { "x-region": "us-south1" };
  expect((await configure("list_groups", accessToken, {}, headers)).status).toBe(200);
  expect((await act("set_routing_status", botToken, status, headers)).status).toBe(202);
});

test("an organization whose license has expired is served by neither API", async () => {
  const { sandbox, configure, act, accessToken, botToken } = await startInstalled();
  sandbox.setExpired(organization, true);
  for (const answer of [
    await configure("list_groups", accessToken, {}),
    await act("set_routing_status", botToken, { status: "offline" }),
  ]) {
    expect(await refusalOf(answer)).toMatchObject({ type: "license_expired" });
  }
  sandbox.setExpired(organization, false);
  expect((await configure("list_groups", accessToken, {})).status).toBe(200);
});

test("every answer of the APIs has a debug id of its own, refused or not", async () => {
  const { sandbox, configure, act, token } = await startWithBot();
  sandbox.faults.inject({ kind: "status-500", endpoint: "get_bot" });
  const answers = [
    await configure("list_bots", token, {}),
    await configure("list_bots", "wrong", {}),
    await configure("get_bot", token, {}),
    await act("send_event", token, {}),
    await act("grant_wishes", token, {}),
  ];
  const ids = answers.map(({ headers }) => headers.get("x-debug-id"));
  expect(ids).not.toContain(null);
  expect(new Set(ids).size).toBe(answers.length);
});

test("an old version says when it ends", async () => {
  const { sandbox, configure, token } = await startWithBot();
  const noticeOf = ({ headers }: Response) => [headers.get("legacy"), headers.get("deprecation")];
  expect(noticeOf(await configure("list_bots", token, {}))).toEqual([null, null]);
  sandbox.versionNotice.legacy = "2027-08-07";
  expect(noticeOf(await configure("list_bots", token, {}))).toEqual(["2027-08-07", null]);
  sandbox.versionNotice.deprecation = "2028-08-07";
  expect(noticeOf(await configure("list_bots", "wrong", {}))).toEqual(["2027-08-07", "2028-08-07"]);
});

test.each([
  ["status-429", "too_many_requests"],
  ["status-500", "internal"],
  ["status-503", "service_unavailable"],
] as const)("the fault %s is the error %s, for the call that it is meant for", async (kind, type) => {
  const { sandbox, configure, token } = await startWithBot();
  sandbox.faults.inject({ kind, endpoint: "list_bots", retryAfter: "3" });
  expect((await configure("list_groups", token, {})).status).toBe(200);
  const answer = await configure("list_bots", token, {});
  expect(answer.headers.get("retry-after")).toBe("3");
  expect(await refusalOf(answer)).toMatchObject({ type });
});
