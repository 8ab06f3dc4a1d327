import nock from "nock";
import { expect, test } from "vitest";
import type { CallReport } from "../../../src/http/http.ts";
import { createChatioClient } from "../../../src/platforms/chatio/client.ts";
import { chatioOptions } from "../../support/chatio.ts";
import { forbidNetwork } from "../../support/network.ts";

forbidNetwork();

const reports: CallReport[] = [];
const client = createChatioClient({ ...chatioOptions, observe: (call) => void reports.push(call) });
const bot = { account: "1520", accessToken: "1/aAbBcC-invented", botId: "bot-1" };
const asBearer = { reqheaders: { authorization: "Bearer 1/aAbBcC-invented" } };
const accounts = (options?: nock.Options) => nock("https://accounts.chat.io", options);

const TOKENS = {
  accessToken: "1/aAbBcC-invented",
  refreshToken: "-/rRsStT-invented",
  expiresInMs: 3_920_000,
};
const APP = { client_id: "client-id-invented", client_secret: "client-secret-invented" };

test.each([
  [
    "a code, even with a slash and a plus",
    () => client.exchange("ab/cd+ef=&g h%20"),
    {
      grant_type: "authorization_code",
      code: "ab/cd+ef=&g h%20",
      redirect_uri: "https://bots.example/token",
      ...APP,
    },
  ],
  [
    "a refresh token",
    () => client.refresh("1520", "-/old+one"),
    { grant_type: "refresh_token", refresh_token: "-/old+one", ...APP },
  ],
])("%s is exchanged for tokens by a form", async (_what, call, form) => {
  accounts()
    .matchHeader("content-type", /^application\/x-www-form-urlencoded(;charset=utf-8)?$/i)
    .post("/token", form)
    .reply(200, {
      access_token: "1/aAbBcC-invented",
      refresh_token: "-/rRsStT-invented",
      expires_in: 3920,
      token_type: "Bearer",
      scope: "something new",
    });

  expect(await call()).toEqual(TOKENS);
});

test.each([
  ["28800.0005", 28_800_001],
  ["0.0001", 60_000],
  ["0", 60_000],
  ["-28800", 60_000],
  ["59.9", 60_000],
  ["1e13", 400 * 24 * 3_600_000],
  ["1e400", 400 * 24 * 3_600_000],
])("a lifetime of %s seconds counts as %d ms", async (expiresIn, expiresInMs) => {
  const answer = `{"access_token":"1/aAbBcC-invented","refresh_token":"-/rRsStT-invented","expires_in":${expiresIn}}`;
  accounts().post("/token").reply(200, answer, { "content-type": "application/json" });

  expect(await client.refresh("1520", "-/old")).toEqual({ ...TOKENS, expiresInMs });
});

test("a token's license is looked up by the token, and a token is revoked in the query", async () => {
  const info = { access_token: "…", expires_in: 3564, license_id: 1520, scope: "agents-bot--my:write" };
  accounts(asBearer).get("/info").reply(200, info);
  accounts().delete("/token").query({ token: "1/aAbBcC+invented" }).reply(200, {});

  expect(await client.info("1/aAbBcC-invented")).toEqual({ account: "1520" });
  await expect(client.revoke("1/aAbBcC+invented")).resolves.toBeUndefined();
});

const DESCRIPTION = {
  name: "Pizza BOT",
  status: "not accepting chats",
  webhooks: {
    url: "https://bots.example/webhook",
    secret_key: "webhook-secret-invented",
    actions: [{ name: "incoming_event" }, { name: "incoming_chat_thread" }],
  },
};
const detailsOf = (webhooks?: object | null) => ({
  bot_agent: { id: "bot-1", name: "Pizza BOT", status: "offline", webhooks },
});
const MEMBERSHIP = { author_id: "bot-1", payload: { chat_id: "chat-1", agent_ids: ["bot-1"] } };
const MESSAGE = { type: "message", text: "Pizza is on the way!", recipients: "agents" };

type Case = {
  call: () => Promise<unknown>;
  path: string;
  body: nock.DataMatcherMap;
  answer?: nock.Body;
  result?: unknown;
};

const CASES: Record<string, Case> = {
  "a bot agent is created with its webhooks, and takes no chats of its own": {
    call: () => client.createBotAgent(bot, "webhook-secret-invented"),
    path: "configuration/v0.3/agents/create_bot_agent",
    body: DESCRIPTION,
    answer: { bot_agent_id: "5c98-invented" },
    result: "5c98-invented",
  },
  "an update of the bot agent sends all of its settings": {
    call: () => client.updateBotAgent(bot, "webhook-secret-invented"),
    path: "configuration/v0.3/agents/update_bot_agent",
    body: { id: "bot-1", ...DESCRIPTION },
    answer: {},
  },
  "bot agents are found by the bot's name": {
    call: () => client.findBotAgents(bot),
    path: "configuration/v0.3/agents/get_bot_agents",
    body: { all: false },
    answer: {
      bot_agents: [
        { id: "bot-1", name: "Pizza BOT" },
        { id: "bot-2", name: "Pasta BOT" },
      ],
    },
    result: ["bot-1"],
  },
  "where a bot agent sends its webhooks is read by its id": {
    call: () => client.getBotAgentWebhookUrl(bot),
    path: "configuration/v0.3/agents/get_bot_agent_details",
    body: { bot_agent_id: "bot-1" },
    answer: detailsOf({ url: "https://earlier.example/webhook", actions: [] }),
    result: "https://earlier.example/webhook",
  },
  "a bot agent without webhooks sends them nowhere": {
    call: () => client.getBotAgentWebhookUrl(bot),
    path: "configuration/v0.3/agents/get_bot_agent_details",
    body: { bot_agent_id: "bot-1" },
    answer: detailsOf(),
    result: null,
  },
  "nor does one whose webhooks are null": {
    call: () => client.getBotAgentWebhookUrl(bot),
    path: "configuration/v0.3/agents/get_bot_agent_details",
    body: { bot_agent_id: "bot-1" },
    answer: detailsOf(null),
    result: null,
  },
  "a bot agent is removed by its id": {
    call: () => client.removeBotAgent(bot),
    path: "configuration/v0.3/agents/remove_bot_agent",
    body: { bot_agent_id: "bot-1" },
    answer: {},
  },
  "the bot joins a chat as itself": {
    call: () => client.joinChat(bot, "chat-1"),
    path: "agent/v0.3/action/join_chat",
    body: MEMBERSHIP,
  },
  "the bot writes to the agents only": {
    call: () => client.sendMessage(bot, "chat-1", { text: "Pizza is on the way!", to: "agents" }),
    path: "agent/v0.3/action/send_event",
    body: { author_id: "bot-1", payload: { chat_id: "chat-1", event: MESSAGE } },
    answer: { thread_id: "thread-1", event: { id: "event-2" } },
  },
  "or to everyone": {
    call: () => client.sendMessage(bot, "chat-1", { text: "Pizza is on the way!", to: "everyone" }),
    path: "agent/v0.3/action/send_event",
    body: { author_id: "bot-1", payload: { chat_id: "chat-1", event: { ...MESSAGE, recipients: "all" } } },
    answer: { thread_id: "thread-1", event: { id: "event-2" } },
  },
  "the bot leaves a chat as itself": {
    call: () => client.leaveChat(bot, "chat-1"),
    path: "agent/v0.3/action/remove_from_chat",
    body: MEMBERSHIP,
  },
};

test.each(Object.entries(CASES))("%s, with the license's token and rate limit", async (_what, one) => {
  nock("https://api.chat.io", asBearer)
    .matchHeader("content-type", "application/json")
    .post(`/${one.path}`, one.body)
    .reply(200, one.answer);

  expect(await one.call()).toEqual(one.result);
  expect(reports.at(-1)).toMatchObject({ name: one.path.split("/").at(-1), quota: "chatio:1520" });
});

test("the paths follow the settings for API version and address", async () => {
  const settings = { ...chatioOptions, apiUrl: "https://proxy.example/chatio", apiVersion: "v0.5" };
  const elsewhere = createChatioClient(settings);
  nock("https://proxy.example").post("/chatio/agent/v0.5/action/join_chat").reply(200);
  nock("https://proxy.example").post("/chatio/configuration/v0.5/agents/remove_bot_agent").reply(200);

  await elsewhere.joinChat(bot, "chat-1");
  await elsewhere.removeBotAgent(bot);
});
