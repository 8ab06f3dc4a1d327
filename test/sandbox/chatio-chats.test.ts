import { expect, test } from "vitest";
import { refusalOf } from "./answers.ts";
import { license, startChatio } from "./chatio-caller.ts";
import { startReceiver } from "./receiver.ts";

async function startWithBot(actions?: string[]) {
  const chatio = await startChatio();
  const receiver = await startReceiver();
  const { access_token: token } = await chatio.install();
  const bot = await chatio.createBot(token, receiver.url, actions);
  return { ...chatio, receiver, token, bot };
}

test("a new chat is delivered as a thread, with the secret in the body and no signature", async () => {
  const { sandbox, receiver } = await startWithBot();

  const { chatId, eventId } = await sandbox.startChat(license, "one pizza please");

  expect(receiver.received).toHaveLength(1);
  const [{ headers, body } = { headers: {}, body: {} }] = receiver.received;
  expect(headers["content-type"]).toBe("application/json");
  const customer = expect.any(String);
  expect(body).toEqual({
    webhook_id: expect.any(String),
    secret_key: "hook-secret",
    action: "incoming_chat_thread",
    data: {
      chat: {
        id: chatId,
        users: [{ id: customer, type: "customer", present: true, banned: false }],
        properties: {},
        thread: {
          id: expect.any(String),
          timestamp: expect.any(Number),
          active: true,
          user_ids: [customer],
          events: [
            {
              id: eventId,
              type: "message",
              author_id: customer,
              order: 1,
              timestamp: expect.any(Number),
              text: "one pizza please",
              recipients: "all",
            },
          ],
          order: expect.any(Number),
        },
      },
    },
  });
});

test("a further message is delivered as an event, in seconds and in order", async () => {
  const { sandbox, receiver } = await startWithBot();
  const { chatId } = await sandbox.startChat(license, "hello");
  const before = Math.floor(Date.now() / 1000);

  const { eventId } = await sandbox.customerWrites(chatId, "Hey! where is my pizza?");

  expect(receiver.received[1]?.body).toMatchObject({
    action: "incoming_event",
    data: {
      chat_id: chatId,
      event: {
        id: eventId,
        order: 2,
        type: "message",
        author_id: expect.any(String),
        text: "Hey! where is my pizza?",
        recipients: "all",
        properties: {},
      },
    },
  });
  const [first, second] = receiver.received;
  expect(second?.body.webhook_id).toBe(first?.body.webhook_id);
  expect(second?.text).toMatch(new RegExp(`"timestamp":(${before}|${before + 1}),`));
});

test("a bot gets only the actions it asked for, and only of its own license", async () => {
  const { sandbox, receiver } = await startWithBot(["incoming_event"]);
  sandbox.addLicense(1521);

  await sandbox.startChat(1521, "not for you");
  const { chatId } = await sandbox.startChat(license, "opens the thread");
  await sandbox.customerWrites(chatId, "for you");

  expect(receiver.received.map(({ body }) => body.action)).toEqual(["incoming_event"]);
});

test("a bot joins, writes and leaves; it gets its own messages and the system's", async () => {
  const { sandbox, receiver, token, bot, join, send, leave } = await startWithBot();
  const { chatId } = await sandbox.startChat(license, "one pizza please");

  const joined = await join(token, bot, chatId);
  expect([joined.status, await joined.text()]).toEqual([200, ""]);
  expect(sandbox.members(chatId)).toEqual([bot]);
  const sent = await send(token, bot, chatId, { text: "coming", recipients: "agents" });
  expect(await sent.json()).toMatchObject({
    thread_id: expect.any(String),
    event: { type: "message", text: "coming", recipients: "agents", author_id: bot },
  });
  const left = await leave(token, bot, chatId);
  expect([left.status, await left.text()]).toEqual([200, ""]);
  expect(sandbox.members(chatId)).toEqual([]);

  expect(sandbox.transcript(chatId)).toEqual([
    { type: "message", author: "customer", text: "one pizza please", recipients: "all" },
    { type: "system_message", author: "system", text: "Pizza BOT joined the chat", recipients: "all" },
    { type: "message", author: "Pizza BOT", text: "coming", recipients: "agents" },
    { type: "system_message", author: "system", text: "Pizza BOT left the chat", recipients: "all" },
  ]);
  await sandbox.settled();
  const events = receiver.received.slice(1).map(({ body }) => JSON.parse(JSON.stringify(body.data)).event);
  expect(events).toMatchObject([
    { type: "system_message", text: "Pizza BOT joined the chat" },
    { type: "message", text: "coming", author_id: bot },
    { type: "system_message", text: "Pizza BOT left the chat" },
  ]);
  expect(events[0]).not.toHaveProperty("author_id");
});

test("a human agent writes to all or to agents only", async () => {
  const { sandbox, receiver } = await startWithBot();
  const { chatId } = await sandbox.startChat(license, "hello");
  await sandbox.agentWrites(chatId, "hi there");
  await sandbox.agentWrites(chatId, "a pizza person", "agents");

  expect(sandbox.transcript(chatId).slice(1)).toEqual([
    { type: "message", author: "agent", text: "hi there", recipients: "all" },
    { type: "message", author: "agent", text: "a pizza person", recipients: "agents" },
  ]);
  expect(receiver.received.slice(1).map(({ text }) => JSON.parse(text).data.event.recipients)).toEqual([
    "all",
    "agents",
  ]);
});

test("calls that are not allowed in a chat are refused", async () => {
  const { sandbox, install, token, bot, join, leave, send, act } = await startWithBot();
  sandbox.addLicense(1521);
  const { chatId } = await sandbox.startChat(license, "hello");
  const { chatId: foreignChat } = await sandbox.startChat(1521, "hello");
  const { access_token: foreign } = await install(1521);
  const validation = { status: 400, type: "validation" };
  const authorization = { status: 403, type: "authorization" };

  expect(await refusalOf(await send(token, bot, chatId, { text: "not in yet" }))).toEqual(validation);
  expect(await refusalOf(await leave(token, bot, chatId))).toEqual(validation);
  expect(await refusalOf(await join(token, bot, "unknown"))).toEqual(validation);
  expect(await refusalOf(await join(token, bot, foreignChat))).toEqual(validation);
  expect(await refusalOf(await join(foreign, bot, chatId))).toEqual(authorization);
  expect(await refusalOf(await join(token, "unknown", chatId))).toEqual(authorization);
  const forOthers = await act("join_chat", token, bot, { chat_id: chatId, agent_ids: [bot, "other"] });
  expect(await refusalOf(forOthers)).toEqual(authorization);
  expect((await join(token, bot, chatId)).status).toBe(200);
  expect(await refusalOf(await join(token, bot, chatId))).toEqual(validation);
  expect(await refusalOf(await send(token, bot, chatId, { text: "hi", recipients: "nobody" }))).toEqual(
    validation,
  );
  expect(await refusalOf(await send(token, bot, chatId, { text: "hi", type: "custom" }))).toEqual(validation);
  expect(await refusalOf(await send(token, bot, chatId, {}))).toEqual(validation);
});

test("a call is answered before the webhooks it causes are", async () => {
  const { sandbox, receiver, token, bot, join, send } = await startWithBot(["incoming_event"]);
  receiver.status = () => null;
  const { chatId } = await sandbox.startChat(license, "hello");

  expect((await join(token, bot, chatId)).status).toBe(200);
  expect((await send(token, bot, chatId, { text: "hi" })).status).toBe(200);
  expect(sandbox.deliveries).toEqual([]);
});

test("calls are recorded with body and status, and deliveries with their status", async () => {
  const { sandbox, receiver, token, bot, join } = await startWithBot(["incoming_event"]);
  receiver.status = () => 503;
  const { chatId } = await sandbox.startChat(license, "hello");
  await join(token, bot, chatId);
  await join(token, bot, chatId);
  await sandbox.settled();

  const body = { author_id: bot, payload: { chat_id: chatId, agent_ids: [bot] } };
  expect(sandbox.calls.filter(({ name }) => name === "join_chat")).toMatchObject([
    { body, status: 200 },
    { body, status: 400 },
  ]);
  const about = { botId: bot, action: "incoming_event", chatId, status: 503, attempt: 1 };
  expect(sandbox.deliveries).toEqual([{ id: expect.any(String), eventId: expect.any(String), ...about }]);
});
