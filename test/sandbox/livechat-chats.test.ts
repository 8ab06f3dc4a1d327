import { expect, test } from "vitest";
import { refusalOf } from "./answers.ts";
import { organization, otherOrganization, startInstalled } from "./livechat-caller.ts";

const status = { status: "not_accepting_chats" };

async function startChat() {
  const livechat = await startInstalled();
  const { chatId } = await livechat.sandbox.startChat(organization, "one pizza please");
  const { bot, botToken, join, leave, send } = livechat;
  return {
    ...livechat,
    chatId,
    enter: (fields = {}) => join(botToken, bot.id, chatId, fields),
    exit: (fields = {}) => leave(botToken, bot.id, chatId, fields),
    say: (event: object) => send(botToken, chatId, { text: "coming", visibility: "agents", ...event }),
  };
}

async function typeOf(answer: Response): Promise<string> {
  return (await refusalOf(answer)).type;
}

test("a bot joins, writes and leaves; any 2xx is success, with a body or without", async () => {
  const { sandbox, bot, chatId, enter, say, exit } = await startChat();

  const joined = await enter();
  expect([joined.status, await joined.text()]).toEqual([200, "{}"]);
  expect(sandbox.members(chatId)).toEqual([bot.id]);
  const sent = await say({ custom_id: "c1" });
  expect([sent.status, await sent.json()]).toEqual([202, { event_id: expect.any(String) }]);
  const left = await exit();
  expect([left.status, await left.text()]).toEqual([200, ""]);
  expect(sandbox.members(chatId)).toEqual([]);

  expect(sandbox.transcript(chatId)).toEqual([
    { type: "message", author: "customer", text: "one pizza please", recipients: "all" },
    { type: "system_message", author: "system", text: "Pizza BOT joined the chat", recipients: "agents" },
    { type: "message", author: "Pizza BOT", text: "coming", recipients: "agents" },
    { type: "system_message", author: "system", text: "Pizza BOT left the chat", recipients: "agents" },
  ]);
});

test("only bot tokens act in chats, whatever the scopes of an OAuth token", async () => {
  const { join, send, leave, accessToken, bot, chatId } = await startInstalled(
    {},
    { scopes: ["agents-bot--my:rw", "chats--all:rw"] },
  ).then(async (livechat) => ({ ...livechat, ...(await livechat.sandbox.startChat(organization, "hi")) }));
  for (const answer of [
    await join(accessToken, bot.id, chatId),
    await send(accessToken, chatId, { text: "hi" }),
    await leave(accessToken, bot.id, chatId),
  ]) {
    expect(await typeOf(answer)).toBe("authorization");
  }
});

test("who is not in the chat can join it only by ignoring that", async () => {
  const { enter } = await startChat();
  expect(await typeOf(await enter({ ignore_requester_presence: false }))).toBe("authorization");
  expect((await enter({ ignore_requester_presence: true })).status).toBe(200);
});

test("the bot's groups must have the chat's among them", async () => {
  const { sandbox, configure, join, accessToken, bot, botToken } = await startInstalled();
  const sales = sandbox.addGroup(organization, "Sales");
  const chatId = sandbox.openChat(organization, sales);
  await sandbox.customerWrites(chatId, "hello");
  expect(await typeOf(await join(botToken, bot.id, chatId))).toBe("missing_access");

  const groups = [0, sales].map((id) => ({ id, priority: "supervisor" }));
  await configure("update_bot", accessToken, { id: bot.id, groups });

  expect((await join(botToken, bot.id, chatId)).status).toBe(200);
});

test("one bot adds another only where that one has access, and removes it unseen only by ignoring that", async () => {
  const { sandbox, createBot, issueBotToken, join, leave, accessToken, bot, chatId } = await startChat();
  const other = await createBot(accessToken);
  const stranger = await createBot(accessToken, []);
  for (const { id } of [other, stranger]) sandbox.setRoutingStatus(organization, id, "accepting_chats");
  const token = await issueBotToken(other);

  expect(await typeOf(await join(token, stranger.id, chatId))).toBe("missing_access");
  expect((await join(token, bot.id, chatId)).status).toBe(200);
  const fields = { ignore_requester_presence: false };
  expect(await typeOf(await leave(token, bot.id, chatId, fields))).toBe("authorization");
  expect((await leave(token, bot.id, chatId)).status).toBe(200);
});

test("a bot that is off line cannot be added; either token puts it on line", async () => {
  const { act, enter, exit, accessToken, bot, botToken } = await startChat();
  for (const [token, fields] of [
    [botToken, {}],
    [accessToken, { agent_id: bot.id }],
  ] as const) {
    await act("set_routing_status", botToken, { status: "offline" });
    expect(await typeOf(await enter())).toBe("agent_offline");
    expect((await act("set_routing_status", token, { ...status, ...fields })).status).toBe(202);
    expect((await enter()).status).toBe(200);
    await exit();
  }
});

test("a routing status is set for bots of the organization only", async () => {
  const { act, accessToken } = await startInstalled();
  const ask = (body: object) => act("set_routing_status", accessToken, body);
  expect(await typeOf(await ask({ ...status, agent_id: "unknown" }))).toBe("not_found");
  expect(await typeOf(await ask(status))).toBe("authorization");
  expect(await typeOf(await ask({ status: "asleep" }))).toBe("validation");
});

test("only a user of the chat sends, also after having been one", async () => {
  const { enter, say, exit } = await startChat();
  expect(await refusalOf(await say({}))).toEqual({ status: 403, type: "authorization" });
  await enter();
  await exit();
  expect(await typeOf(await say({}))).toBe("authorization");
});

test("who was added for agents cannot send to all, which is the default", async () => {
  const { enter, say } = await startChat();
  await enter();
  expect(await typeOf(await say({ visibility: "all" }))).toBe("authorization");
  expect(await typeOf(await say({ visibility: undefined }))).toBe("authorization");
});

test("who was added for all sends to all, and to agents", async () => {
  const { sandbox, chatId, enter, say } = await startChat();
  await enter({ visibility: "all" });
  await say({ visibility: undefined });
  await say({ visibility: "agents" });
  expect(sandbox.transcript(chatId).map(({ recipients }) => recipients)).toEqual([
    "all",
    "all",
    "all",
    "agents",
  ]);
});

test("a second public agent can be refused; one for agents cannot", async () => {
  const { sandbox, chatId, enter, exit } = await startChat();
  await sandbox.agentWrites(chatId, "How can I help?");
  expect((await enter({ visibility: "all" })).status).toBe(200);
  await exit();
  sandbox.undocumented.secondPublicAgent = "refused";
  expect(await typeOf(await enter({ visibility: "all" }))).toBe("limit_reached");
  expect((await enter()).status).toBe(200);
});

test("who is in the chat already is refused or accepted, and joins once", async () => {
  const { sandbox, bot, chatId, enter } = await startChat();
  await enter();
  expect(await typeOf(await enter())).toBe("validation");
  sandbox.undocumented.addedTwice = "accepted";
  expect((await enter()).status).toBe(200);
  expect(sandbox.members(chatId)).toEqual([bot.id]);
  expect(sandbox.transcript(chatId)).toHaveLength(2);
});

test("who is not in the chat cannot be removed, whatever that is called", async () => {
  const { sandbox, exit } = await startChat();
  expect(await typeOf(await exit())).toBe("not_found");
  sandbox.undocumented.removedTwice = "validation";
  expect(await typeOf(await exit())).toBe("validation");
});

test("nothing happens in a chat that is archived, and nobody is in it", async () => {
  const { sandbox, chatId, enter, say, exit } = await startChat();
  await enter();
  sandbox.archiveChat(chatId);
  expect(sandbox.members(chatId)).toEqual([]);
  for (const answer of [await enter(), await say({}), await exit()]) {
    expect(await typeOf(answer)).toBe("chat_inactive");
  }
});

test("a customer who writes again makes the chat active", async () => {
  const { sandbox, chatId, enter } = await startChat();
  sandbox.archiveChat(chatId);
  await sandbox.customerWrites(chatId, "one more pizza");
  expect((await enter()).status).toBe(200);
});

test("chats and users that are unknown, or another organization's, are not found", async () => {
  const { sandbox, join, botToken, bot, chatId } = await startChat();
  sandbox.addOrganization(otherOrganization);
  const foreign = sandbox.openChat(otherOrganization);
  expect(await typeOf(await join(botToken, bot.id, foreign))).toBe("not_found");
  expect(await typeOf(await join(botToken, bot.id, "unknown"))).toBe("not_found");
  expect(await typeOf(await join(botToken, "unknown", chatId))).toBe("not_found");
});

test.each([
  ["add_user_to_chat", { visibility: undefined }],
  ["add_user_to_chat", { visibility: "nobody" }],
  ["add_user_to_chat", { user_type: "customer" }],
  ["add_user_to_chat", { user_type: undefined }],
  ["add_user_to_chat", { agent_ids: [] }],
  ["add_user_to_chat", { ignore_requester_presence: "true" }],
  ["remove_user_from_chat", { visibility: "agents" }],
  ["remove_user_from_chat", { user_id: undefined }],
] as const)("%s refuses %o as a validation error", async (method, wrong) => {
  const { act, botToken, bot, chatId } = await startChat();
  const membership = {
    chat_id: chatId,
    user_id: bot.id,
    user_type: "agent",
    ignore_requester_presence: true,
  };
  const body = method === "add_user_to_chat" ? { ...membership, visibility: "agents" } : membership;
  expect(await typeOf(await act(method, botToken, { ...body, ...wrong }))).toBe("validation");
});

test.each([
  { text: "" },
  { text: undefined },
  { type: "file" },
  { recipients: "agents" },
  { visibility: "nobody" },
  { custom_id: 1 },
  { text: "ü".repeat(8193) },
])("an event with %o is a validation error", async (wrong) => {
  const { enter, say } = await startChat();
  await enter();
  expect(await typeOf(await say(wrong))).toBe("validation");
});

test("a text may have 16 kB", async () => {
  const { enter, say } = await startChat();
  await enter();
  expect((await say({ text: "ü".repeat(8192) })).status).toBe(202);
});

test("a custom id is no protection against saying it twice", async () => {
  const { sandbox, chatId, enter, say } = await startChat();
  await enter();
  await say({ custom_id: "once" });
  await say({ custom_id: "once" });
  expect(sandbox.transcript(chatId).filter(({ text }) => text === "coming")).toHaveLength(2);
});

test("a bot removed by a person is in no chat", async () => {
  const { sandbox, bot, chatId, enter } = await startChat();
  await enter();
  sandbox.removeBotAgent(organization, bot.id);
  expect(sandbox.members(chatId)).toEqual([]);
});
