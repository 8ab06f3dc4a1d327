import { expect, onTestFinished, test, vi } from "vitest";
import { refusalOf } from "./answers.ts";
import {
  developer,
  hookSecret,
  organization,
  otherOrganization,
  startInstalled,
  startLivechat,
} from "./livechat-caller.ts";

const owner_client_id = "client";
const webhook = {
  action: "incoming_chat",
  url: "http://127.0.0.1:9/hook",
  secret_key: hookSecret,
  type: "bot",
  owner_client_id,
};

async function typeOf(answer: Response): Promise<string> {
  return (await refusalOf(answer)).type;
}

/** The payloads delivered for one action. */
function payloadsOf({ received }: { received: { text: string }[] }, wanted = "incoming_event") {
  return received
    .map(({ text }) => JSON.parse(text))
    .filter(({ action }) => action === wanted)
    .map(({ payload }) => payload);
}

test("a developer registers, lists and unregisters webhooks; the list has no secrets", async () => {
  const { sandbox, develop } = await startLivechat();
  const registered = await develop("register_webhook", { ...webhook, description: "chats" });
  const [{ id } = { id: "" }] = sandbox.webhooks();
  expect([registered.status, await registered.json()]).toEqual([200, { id }]);

  const list = await develop("list_webhooks", { owner_client_id });
  const { secret_key, ...shown } = webhook;
  expect(await list.json()).toEqual([{ ...shown, id, description: "chats", filters: {} }]);

  const removed = await develop("unregister_webhook", { id, owner_client_id });
  expect(await removed.json()).toEqual({});
  expect(sandbox.webhooks()).toEqual([]);
  expect(await typeOf(await develop("unregister_webhook", { id, owner_client_id }))).toBe("not_found");
});

test("webhooks are managed by a personal access token with Basic, and by nothing else", async () => {
  const { call, configure, accessToken, botToken } = await startInstalled();
  for (const method of ["register_webhook", "list_webhooks", "unregister_webhook"]) {
    for (const token of [accessToken, botToken]) {
      expect(await typeOf(await configure(method, token, webhook)), method).toBe("authorization");
    }
    const asBearer = await configure(method, developer.token, webhook);
    expect(await typeOf(asBearer), method).toBe("authentication");
    const wrong = Buffer.from("wrong:wrong").toString("base64");
    const refused = await call(`v3.6/configuration/action/${method}`, `Basic ${wrong}`, webhook);
    expect(await typeOf(refused), method).toBe("authentication");
  }
});

test("a personal access token needs the scope, and configures nothing else", async () => {
  const readOnly = { ...developer, scopes: ["webhooks.configuration:ro"] };
  const { develop } = await startLivechat({ personalAccessToken: readOnly });
  expect((await develop("list_webhooks", { owner_client_id })).status).toBe(200);
  expect(await typeOf(await develop("register_webhook", webhook))).toBe("authorization");
  expect(await typeOf(await develop("create_bot", { name: "x" }))).toBe("authorization");
});

test("a developer manages no other app", async () => {
  const { develop } = await startLivechat();
  const answer = await develop("register_webhook", { ...webhook, owner_client_id: "other" });
  expect(await typeOf(answer)).toBe("authorization");
});

test.each([
  { action: "incoming_wish" },
  { url: "nowhere" },
  { url: `http://127.0.0.1:9/${"x".repeat(500)}` },
  { secret_key: undefined },
  { secret_key: "" },
  { type: "agent" },
  { type: undefined },
  { owner_client_id: undefined },
  { filters: { author_type: "customer" } },
  { filters: { source_type: "system" } },
  { filters: { agent_ids: {} } },
  { unheard_of: 1 },
])("registering with %o is a validation error", async (wrong) => {
  const { develop } = await startLivechat();
  expect(await typeOf(await develop("register_webhook", { ...webhook, ...wrong }))).toBe("validation");
});

test("an app has at most three webhooks per action", async () => {
  const { develop } = await startLivechat();
  for (let nth = 1; nth <= 3; nth += 1) {
    expect((await develop("register_webhook", webhook)).status).toBe(200);
  }
  expect(await typeOf(await develop("register_webhook", webhook))).toBe("limit_reached");
  const other = await develop("register_webhook", { ...webhook, action: "incoming_event" });
  expect(other.status).toBe(200);
});

test("webhooks come from organizations that installed the app, until they are switched off", async () => {
  const { sandbox, receiver, configure, accessToken, install } = await startInstalled({ type: "license" });
  const state = async () => (await configure("get_license_webhooks_state", accessToken, {})).json();
  sandbox.addOrganization(otherOrganization);
  await sandbox.startChat(otherOrganization, "not installed");
  expect(receiver.received).toHaveLength(0);
  await install(otherOrganization);
  await sandbox.startChat(otherOrganization, "installed");
  expect(receiver.received.map(({ body }) => body.organization_id)).toEqual([otherOrganization]);
  expect(await state()).toEqual({ license_webhooks_enabled: true });

  await configure("disable_license_webhooks", accessToken, {});
  expect(await state()).toEqual({ license_webhooks_enabled: false });
  await install();
  await sandbox.startChat(organization, "switched off");
  await sandbox.startChat(otherOrganization, "still on");
  expect(receiver.received).toHaveLength(2);

  await configure("enable_license_webhooks", accessToken, {});
  await sandbox.startChat(organization, "on again");
  expect(receiver.received).toHaveLength(3);
});

test("webhooks of type bot are silent while the bot is off line or gone, those of type license are not", async () => {
  for (const [type, deliveries] of [
    ["bot", [1, 0, 1, 0]],
    ["license", [1, 1, 1, 1]],
  ] as const) {
    const { sandbox, receiver, bot } = await startInstalled({ type });
    const chat = async () => {
      const before = receiver.received.length;
      await sandbox.startChat(organization, "hello");
      return receiver.received.length - before;
    };
    const counts = [await chat()];
    sandbox.setRoutingStatus(organization, bot.id, "offline");
    counts.push(await chat());
    sandbox.setRoutingStatus(organization, bot.id, "accepting_chats");
    counts.push(await chat());
    sandbox.removeBotAgent(organization, bot.id);
    counts.push(await chat());
    expect(counts, type).toEqual(deliveries);
  }
});

test("a new chat is delivered with its thread, and the secret in the body", async () => {
  const { sandbox, receiver } = await startInstalled();
  const { chatId, eventId } = await sandbox.startChat(organization, "one pizza please");

  expect(receiver.received).toHaveLength(1);
  const [{ headers, body } = { headers: {}, body: {} }] = receiver.received;
  expect(headers["content-type"]).toBe("application/json");
  const id = expect.stringMatching(/^[\w-]{36}$/);
  const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  expect(body).toMatchObject({
    webhook_id: sandbox.webhooks()[0]?.id,
    secret_key: hookSecret,
    action: "incoming_chat",
    organization_id: organization,
    additional_data: {},
    payload: {
      chat: {
        id: chatId,
        users: [{ id, type: "customer", present: true }],
        access: { group_ids: [0] },
        thread: {
          id: expect.any(String),
          active: true,
          user_ids: [id],
          events: [
            {
              id: eventId,
              type: "message",
              text: "one pizza please",
              author_id: id,
              created_at: timestamp,
              visibility: "all",
            },
          ],
        },
      },
    },
  });
  expect(body).toHaveProperty("added_later");
});

test("a further message is delivered as an event, later than the one before even in the same moment", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const { sandbox, receiver } = await startInstalled();
  const { chatId } = await sandbox.startChat(organization, "hello");
  const { eventId: second } = await sandbox.customerWrites(chatId, "where is my pizza?");
  await sandbox.customerWrites(chatId, "where?");

  const payloads = payloadsOf(receiver);
  expect(payloads[0]).toMatchObject({
    chat_id: chatId,
    thread_id: expect.any(String),
    event: { id: second, type: "message", text: "where is my pizza?", visibility: "all" },
  });
  const [chat] = payloadsOf(receiver, "incoming_chat");
  const times = [...chat.chat.thread.events, ...payloads.map(({ event }) => event)].map(
    ({ created_at }) => created_at,
  );
  expect(times).toEqual([...new Set(times)].toSorted());
});

test("keys that may be missing can be made to", async () => {
  const { sandbox, receiver } = await startInstalled();
  Object.assign(sandbox.undocumented, { threadEvents: "missing", additionalData: "missing" });
  await sandbox.startChat(organization, "hello");
  expect(receiver.received[0]?.body).not.toHaveProperty("additional_data");
  expect(payloadsOf(receiver, "incoming_chat")[0].chat.thread).not.toHaveProperty("events");
});

test("the bot's own events, those for agents only and the system's are delivered, too", async () => {
  const { sandbox, receiver, bot, botToken, join, send } = await startInstalled();
  const { chatId } = await sandbox.startChat(organization, "hello");
  await join(botToken, bot.id, chatId);
  await send(botToken, chatId, { text: "coming", visibility: "agents", custom_id: "c1" });
  await sandbox.settled();
  await sandbox.agentWrites(chatId, "a pizza person", "agents");

  const events = payloadsOf(receiver).map(({ event }) => event);
  expect(events).toMatchObject([
    { type: "system_message", text: "Pizza BOT joined the chat" },
    { type: "message", text: "coming", author_id: bot.id, visibility: "agents", custom_id: "c1" },
    { type: "message", text: "a pizza person", author_id: "ana@pizza.example", visibility: "agents" },
  ]);
  expect(events[0]).not.toHaveProperty("author_id");
});

test("a customer who writes in an archived chat begins its next thread", async () => {
  const { sandbox, receiver } = await startInstalled();
  const { chatId } = await sandbox.startChat(organization, "hello");
  sandbox.archiveChat(chatId);
  const { eventId } = await sandbox.customerWrites(chatId, "one more pizza");

  const [first, second] = payloadsOf(receiver, "incoming_chat").map(({ chat }) => chat);
  expect(second.id).toBe(first.id);
  expect(second.thread).toMatchObject({ previous_thread_id: first.thread.id, events: [{ id: eventId }] });
  expect(second.thread.id).not.toBe(first.thread.id);
});

test.each([
  [{ source_type: ["other_clients", "system"] }, ["joined", "hello again", "yes?"]],
  [{ source_type: ["my_client"] }, ["coming"]],
  [{ author_type: "customer" }, ["hello again"]],
  [{ author_type: "agent" }, ["coming", "yes?"]],
] as const)("the filters %o let pass %o", async (filters, texts) => {
  const { source_type, ...rest } = { source_type: undefined, ...filters };
  const asked = { ...rest, ...(source_type && { source_type: [...source_type] }) };
  const { sandbox, receiver, bot, botToken, join, send } = await startInstalled({ filters: asked });
  const { chatId } = await sandbox.startChat(organization, "hello");
  await join(botToken, bot.id, chatId);
  await send(botToken, chatId, { text: "coming", visibility: "agents" });
  await sandbox.settled();
  await sandbox.customerWrites(chatId, "hello again");
  await sandbox.agentWrites(chatId, "yes?");
  const heard = payloadsOf(receiver).map(({ event }) => event.text.replace(/^.* (joined) .*$/, "$1"));
  expect(heard).toEqual(texts);
});

test("a delivery is tried three times more unless it is answered exactly 200", async () => {
  const { sandbox, receiver } = await startInstalled();
  expect(sandbox.delivery.attempts).toBe(4);
  expect(3 * sandbox.delivery.retryAfterMs).toBeLessThanOrEqual(60_000);
  sandbox.delivery.retryAfterMs = 1;
  receiver.status = (nth) => [204, 500, 202][nth - 1] ?? 200;
  await sandbox.startChat(organization, "hello");
  expect(sandbox.deliveries.map(({ status }) => status)).toEqual([204, 500, 202, 200]);

  receiver.status = () => 503;
  const { chatId } = await sandbox.startChat(organization, "lost");
  expect(sandbox.deliveries.filter((delivery) => delivery.chatId === chatId)).toHaveLength(4);
});

test("a webhook that falls silent gets no further attempts", async () => {
  const { sandbox, receiver, bot } = await startInstalled();
  sandbox.delivery.retryAfterMs = 1;
  receiver.status = () => {
    sandbox.setRoutingStatus(organization, bot.id, "offline");
    return 500;
  };
  await sandbox.startChat(organization, "hello");
  expect(receiver.received).toHaveLength(1);
});

test("every event is recorded with its status, and which webhook it was for", async () => {
  const { sandbox } = await startInstalled();
  const { chatId, eventId } = await sandbox.startChat(organization, "hello");
  expect(sandbox.deliveries).toEqual([
    {
      id: expect.any(String),
      webhookId: sandbox.webhooks()[0]?.id,
      organizationId: organization,
      action: "incoming_chat",
      chatId,
      eventId,
      attempt: 1,
      status: 200,
    },
  ]);
});
