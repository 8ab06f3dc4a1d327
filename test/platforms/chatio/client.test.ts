import nock from "nock";
import { expect, test } from "vitest";
import { createChatioClient } from "../../../src/platforms/chatio/client.ts";
import { chatioOptions } from "../../support/chatio.ts";
import { forbidNetwork } from "../../support/network.ts";

forbidNetwork();

const client = createChatioClient(chatioOptions);
const bot = { account: "1520", accessToken: "1/aAbBcC-invented", botId: "bot-1" };
const asBearer = { reqheaders: { authorization: "Bearer 1/aAbBcC-invented" } };

const accounts = (options?: nock.Options) => nock("https://accounts.chat.io", options);
const api = () => nock("https://api.chat.io", asBearer).matchHeader("content-type", "application/json");

/** The form as it is read on the other side, in all of it. */
function takeForm(form: Record<string, string>): void {
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
}

const TOKENS = {
  accessToken: "1/aAbBcC-invented",
  refreshToken: "-/rRsStT-invented",
  expiresInMs: 3_920_000,
};

test("a code, even with a slash and a plus, is exchanged for tokens by a form", async () => {
  takeForm({
    grant_type: "authorization_code",
    code: "ab/cd+ef=&g h%20",
    client_id: "client-id-invented",
    client_secret: "client-secret-invented",
    redirect_uri: "https://bots.example/token",
  });

  expect(await client.exchange("ab/cd+ef=&g h%20")).toEqual(TOKENS);
});

test("a refresh token is exchanged for new tokens by a form", async () => {
  takeForm({
    grant_type: "refresh_token",
    refresh_token: "-/old+one",
    client_id: "client-id-invented",
    client_secret: "client-secret-invented",
  });

  expect(await client.refresh("1520", "-/old+one")).toEqual(TOKENS);
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

test("a token's license is looked up by the token", async () => {
  accounts(asBearer)
    .get("/info")
    .reply(200, { access_token: "…", expires_in: 3564, license_id: 1520, scope: "agents-bot--my:write" });

  expect(await client.info("1/aAbBcC-invented")).toEqual({ account: "1520" });
});

test("a token is revoked in the query", async () => {
  accounts().delete("/token").query({ token: "1/aAbBcC+invented" }).reply(200, {});

  await expect(client.revoke("1/aAbBcC+invented")).resolves.toBeUndefined();
});

test("the bot agent is created with its webhooks, and takes no chats of its own", async () => {
  api()
    .post("/configuration/v0.3/agents/create_bot_agent", {
      name: "Pizza BOT",
      status: "not accepting chats",
      webhooks: {
        url: "https://bots.example/webhook",
        secret_key: "webhook-secret-invented",
        actions: [{ name: "incoming_event" }, { name: "incoming_chat_thread" }],
      },
    })
    .reply(200, { bot_agent_id: "5c98-invented" });

  expect(await client.createBotAgent(bot, "webhook-secret-invented")).toBe("5c98-invented");
});

test("an update of the bot agent sends all of its settings", async () => {
  api()
    .post("/configuration/v0.3/agents/update_bot_agent", {
      id: "bot-1",
      name: "Pizza BOT",
      status: "not accepting chats",
      webhooks: {
        url: "https://bots.example/webhook",
        secret_key: "webhook-secret-invented",
        actions: [{ name: "incoming_event" }, { name: "incoming_chat_thread" }],
      },
    })
    .reply(200, {});

  await expect(client.updateBotAgent(bot, "webhook-secret-invented")).resolves.toBeUndefined();
});

test("the bot agent is removed by its id", async () => {
  api().post("/configuration/v0.3/agents/remove_bot_agent", { bot_agent_id: "bot-1" }).reply(200, {});

  await expect(client.removeBotAgent(bot)).resolves.toBeUndefined();
});

test.each([
  [{ url: "https://earlier.example/webhook", actions: [] }, "https://earlier.example/webhook"],
  [undefined, null],
  [null, null],
])("where the bot agent sends its webhooks is read by its id: %j", async (webhooks, url) => {
  api()
    .post("/configuration/v0.3/agents/get_bot_agent_details", { bot_agent_id: "bot-1" })
    .reply(200, { bot_agent: { id: "bot-1", name: "Pizza BOT", status: "offline", webhooks } });

  expect(await client.getBotAgentWebhookUrl(bot)).toBe(url);
});

test("the bot joins a chat as itself", async () => {
  api()
    .post("/agent/v0.3/action/join_chat", {
      author_id: "bot-1",
      payload: { chat_id: "chat-1", agent_ids: ["bot-1"] },
    })
    .reply(200);

  await expect(client.joinChat(bot, "chat-1")).resolves.toBeUndefined();
});

test("the bot writes to the agents only", async () => {
  api()
    .post("/agent/v0.3/action/send_event", {
      author_id: "bot-1",
      payload: {
        chat_id: "chat-1",
        event: { type: "message", text: "Pizza is on the way!", recipients: "agents" },
      },
    })
    .reply(200, { thread_id: "thread-1", event: { id: "event-2" } });

  await expect(client.sendToAgents(bot, "chat-1", "Pizza is on the way!")).resolves.toBeUndefined();
});

test("the bot leaves a chat as itself", async () => {
  api()
    .post("/agent/v0.3/action/remove_from_chat", {
      author_id: "bot-1",
      payload: { chat_id: "chat-1", agent_ids: ["bot-1"] },
    })
    .reply(202, "");

  await expect(client.leaveChat(bot, "chat-1")).resolves.toBeUndefined();
});

test("the paths follow the settings for API version and address", async () => {
  const elsewhere = createChatioClient({
    ...chatioOptions,
    apiUrl: "https://proxy.example/chatio",
    apiVersion: "v0.5",
  });
  nock("https://proxy.example").post("/chatio/agent/v0.5/action/join_chat").reply(200);
  nock("https://proxy.example").post("/chatio/configuration/v0.5/agents/remove_bot_agent").reply(200);

  await elsewhere.joinChat(bot, "chat-1");
  await elsewhere.removeBotAgent(bot);
});
