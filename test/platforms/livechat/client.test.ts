import nock from "nock";
import { expect, test } from "vitest";
import { createLivechatClient } from "../../../src/platforms/livechat/client.ts";
import { livechatClientOptions } from "../../support/livechat.ts";
import { forbidNetwork } from "../../support/network.ts";

forbidNetwork();

const client = createLivechatClient(livechatClientOptions);
const account = "0c9e4f52-dddd-4eee-8fff-000000000002";
const access = { account, accessToken: "fra:access-invented", region: null };
const bot = { ...access, botId: "bot-1", botToken: "jwt.of-the.bot", botSecret: "bot-secret-invented" };

const accounts = () => nock("https://accounts.livechat.com");
const api = (token: string) =>
  nock("https://api.livechatinc.com", { badheaders: ["x-region", "x-author-id"] })
    .matchHeader("content-type", "application/json")
    .matchHeader("authorization", `Bearer ${token}`);
const configure = (method: string, body: nock.DataMatcherMap) =>
  api("fra:access-invented").post(`/v3.6/configuration/action/${method}`, body);
const act = (method: string, body: nock.DataMatcherMap) =>
  api("jwt.of-the.bot").post(`/v3.6/agent/action/${method}`, body);

/** The form as it is read on the other side, in all of it. */
function takeForm(form: Record<string, string>, expiresIn = 28_800): void {
  accounts()
    .matchHeader("content-type", /^application\/x-www-form-urlencoded(;charset=utf-8)?$/i)
    .post("/v2/token", form)
    .reply(200, {
      access_token: "fra:Zk1qInvented",
      account_id: "6f1d7c1e-aaaa-4bbb-8ccc-000000000001",
      expires_in: expiresIn,
      organization_id: account,
      refresh_token: "rt_invented",
      scope: "agents-bot--my:rw,groups--all:ro",
      token_type: "Bearer",
    });
}

const app = { client_id: "client-id-invented", client_secret: "client-secret-invented" };
const TOKENS = { accessToken: "fra:Zk1qInvented", refreshToken: "rt_invented", expiresInMs: 28_800_000 };

test("a code is traded for tokens in a form, with the verifier, and tells the organization", async () => {
  takeForm({
    ...app,
    grant_type: "authorization_code",
    code: "fra:ab/cd+ef",
    redirect_uri: "https://bots.example/livechat/token",
    code_verifier: "verifier-invented",
  });

  expect(await client.exchange("fra:ab/cd+ef", "verifier-invented")).toEqual({ ...TOKENS, account });
});

test("a code from the marketplace is traded without a verifier, since no challenge was sent", async () => {
  takeForm({
    ...app,
    grant_type: "authorization_code",
    code: "fra:abc",
    redirect_uri: "https://bots.example/livechat/token",
  });

  expect(await client.exchange("fra:abc", null)).toMatchObject({ account });
});

test.each([
  [28_800, 28_800_000],
  [0, 60_000],
  [-5, 60_000],
  [43_200, 43_200_000],
  [2_592_000, 43_200_000],
])("a lifetime of %d seconds counts as %d ms: at least a minute, at most twelve hours", async (given, ms) => {
  takeForm({ ...app, grant_type: "refresh_token", refresh_token: "rt_old" }, given);

  expect(await client.refresh(account, "rt_old")).toEqual({ ...TOKENS, expiresInMs: ms });
});

test("a token is revoked by itself; one that is unknown is revoked already", async () => {
  const revoking = () =>
    accounts().matchHeader("authorization", "Bearer fra:Zk1qInvented").delete("/v2/token");
  revoking().reply(200, {});
  await client.revoke("fra:Zk1qInvented");
  revoking().reply(404, { error: "not_found", error_description: "words" });
  await client.revoke("fra:Zk1qInvented");
  revoking().reply(401, { error: "invalid_token", error_description: "words" });
  await client.revoke("fra:Zk1qInvented");
  revoking().reply(503, "down");
  await expect(client.revoke("fra:Zk1qInvented")).rejects.toMatchObject({ retryable: true });
});

test("bots of this app are listed, and the Pizza BOT is known by its name", async () => {
  configure("list_bots", { all: false }).reply(200, [
    { id: "bot-1", name: "Pizza BOT", avatar_path: "" },
    { id: "bot-2", name: "Another", avatar_path: "" },
    { id: "bot-3" },
  ]);

  expect(await client.listBots(access)).toEqual([
    { id: "bot-1", isPizzaBot: true },
    { id: "bot-2", isPizzaBot: false },
    { id: "bot-3", isPizzaBot: false },
  ]);
});

test("the bot is made in all groups as a supervisor", async () => {
  configure("create_bot", {
    name: "Pizza BOT",
    default_group_priority: "supervisor",
    groups: [
      { id: 0, priority: "supervisor" },
      { id: 7, priority: "supervisor" },
    ],
  }).reply(200, { id: "bot-1", secret: "bot-secret-invented" });

  expect(await client.createBot(access, [0, 7])).toEqual({ id: "bot-1", secret: "bot-secret-invented" });
});

test("the bot is put into groups by all of them", async () => {
  configure("update_bot", {
    id: "bot-1",
    groups: [
      { id: 0, priority: "supervisor" },
      { id: 7, priority: "supervisor" },
    ],
  }).reply(200, {});

  await expect(client.setGroups(access, "bot-1", [0, 7])).resolves.toBeUndefined();
});

test.each([
  [[{ id: 0, priority: "supervisor" }], [0]],
  [undefined, []],
  [null, []],
])("the groups of the bot are asked for: %j", async (groups, ids) => {
  configure("get_bot", { id: "bot-1", fields: ["groups"] }).reply(200, {
    id: "bot-1",
    name: "Pizza BOT",
    groups,
  });

  expect(await client.getBotGroups(access, "bot-1")).toEqual(ids);
});

test("a bot token is issued for the bot's secret", async () => {
  configure("issue_bot_token", {
    bot_id: "bot-1",
    client_id: "client-id-invented",
    bot_secret: "bot-secret-invented",
    organization_id: account,
  }).reply(200, { token: "jwt.of-the.bot" });

  expect(await client.issueBotToken(access, "bot-1", "bot-secret-invented")).toBe("jwt.of-the.bot");
});

test("the secret is reset, the bot deleted, groups listed, webhooks looked at and enabled", async () => {
  configure("reset_bot_secret", { id: "bot-1" }).reply(200, { secret: "another" });
  expect(await client.resetBotSecret(access, "bot-1")).toBe("another");
  configure("delete_bot", { id: "bot-1" }).reply(200);
  await client.deleteBot(access, "bot-1");
  configure("list_groups", {}).reply(200, [
    { id: 0, name: "General", language_code: "en" },
    { id: 7, name: "Sales" },
  ]);
  expect(await client.listGroups(access)).toEqual([0, 7]);
  configure("get_license_webhooks_state", {}).reply(200, { license_webhooks_enabled: false });
  expect(await client.areWebhooksEnabled(access)).toBe(false);
  configure("enable_license_webhooks", {}).reply(200, {});
  await client.enableWebhooks(access);
});

test("the bot is put on line with the access token", async () => {
  api("fra:access-invented")
    .post("/v3.6/agent/action/set_routing_status", { status: "not_accepting_chats", agent_id: "bot-1" })
    .reply(202, {});

  await expect(client.goOnline(access, "bot-1")).resolves.toBeUndefined();
});

test.each([
  ["agents", "agents"],
  ["everyone", "all"],
] as const)(
  "the bot joins a chat for %s, writes to them, and leaves, all with its own token",
  async (to, visibility) => {
    const membership = {
      chat_id: "CHATAAAA01",
      user_id: "bot-1",
      user_type: "agent",
      ignore_requester_presence: true,
    };
    act("add_user_to_chat", { ...membership, visibility }).reply(200);
    await client.joinChat(bot, "CHATAAAA01", to);
    act("send_event", {
      chat_id: "CHATAAAA01",
      event: { type: "message", text: "Pizza is on the way!", visibility },
    }).reply(202, { event_id: "THRDAAAA01_8" });
    await client.sendMessage(bot, "CHATAAAA01", { text: "Pizza is on the way!", to });
    act("remove_user_from_chat", membership).reply(200, {});
    await client.leaveChat(bot, "CHATAAAA01");
  },
);

test("an organization's region is named in every call once LiveChat has told it, and in no other's", async () => {
  const fresh = createLivechatClient(livechatClientOptions);
  const path = "/v3.6/configuration/action/list_groups";
  const inRegion = (region: string) =>
    nock("https://api.livechatinc.com").matchHeader("x-region", region).post(path);
  const misdirected = {
    error: { type: "misdirected_request", message: "words", data: { region: "eu-west3" } },
  };
  configure("list_groups", {}).reply(400, misdirected);
  inRegion("eu-west3").times(2).reply(200, []);
  configure("list_groups", {}).reply(200, []);

  expect(fresh.regionOf(account)).toBeNull();
  await fresh.listGroups(access);
  await fresh.listGroups(access);
  expect(fresh.regionOf(account)).toBe("eu-west3");
  await fresh.listGroups({ ...access, account: "another" });
});

test("the region of an installation is named from the first call on", async () => {
  nock("https://api.livechatinc.com")
    .matchHeader("x-region", "fra-a")
    .post("/v3.6/configuration/action/list_groups")
    .reply(200, []);

  await client.listGroups({ ...access, account: "kept-in-fra-a", region: "fra-a" });
});

test("another API version, another address: the paths follow the settings", async () => {
  const elsewhere = createLivechatClient({
    ...livechatClientOptions,
    apiUrl: "https://proxy.example/livechat",
    apiVersion: "v3.7",
  });
  nock("https://proxy.example").post("/livechat/v3.7/agent/action/add_user_to_chat").reply(200);
  nock("https://proxy.example").post("/livechat/v3.7/configuration/action/delete_bot").reply(200);

  await elsewhere.joinChat(bot, "CHATAAAA01", "agents");
  await elsewhere.deleteBot(access, "bot-1");
});
