import { createHmac } from "node:crypto";

type Fields = Record<string, unknown>;

/** A chat event as chat.io describes it: a customer who writes of pizza. */
export function aChatEvent(overrides: Fields = {}): Fields {
  return {
    id: "event-1",
    custom_id: "custom-1",
    order: 1,
    type: "message",
    author_id: "customer-1",
    timestamp: 1473433500,
    text: "Hey! where is my pizza?",
    recipients: "all",
    properties: {},
    ...overrides,
  };
}

/** chat.io's delivery of one event. */
export function anIncomingEvent({
  secret = "webhook-secret-invented-1",
  chatId = "chat-1",
  event = {},
} = {}): Fields {
  return {
    webhook_id: "webhook-1",
    secret_key: secret,
    action: "incoming_event",
    data: { chat_id: chatId, event: aChatEvent(event) },
  };
}

/** chat.io's delivery of a thread that events have opened. */
export function anIncomingChatThread({
  secret = "webhook-secret-invented-1",
  chatId = "chat-1",
  events = [aChatEvent()],
} = {}): Fields {
  const thread = { id: "thread-1", timestamp: 1473433500, active: true, user_ids: ["customer-1"], events };
  const users = [{ id: "customer-1", type: "customer", present: true, banned: false }];
  return {
    webhook_id: "webhook-1",
    secret_key: secret,
    action: "incoming_chat_thread",
    data: { chat: { id: chatId, users, properties: {}, thread } },
  };
}

/** A chat event as LiveChat describes it: a customer who writes of pizza. */
export function aLivechatEvent(overrides: Fields = {}): Fields {
  return {
    id: "THRDAAAA01_7",
    type: "message",
    text: "Hey! where is my pizza?",
    author_id: "c0ffee00-1111-4222-8333-000000000009",
    created_at: "2026-03-01T10:20:30.123456Z",
    visibility: "all",
    ...overrides,
  };
}

type LivechatDelivery = { secret?: string; organization?: string; chatId?: string };

const fromLivechat = ({
  secret = "webhook-secret-of-the-app",
  organization = "0c9e4f52-dddd-4eee-8fff-000000000002",
}: LivechatDelivery) => ({ webhook_id: "wh_reg_01", secret_key: secret, organization_id: organization });

/** LiveChat's delivery of one event. */
export function anIncomingLivechatEvent({
  chatId = "CHATAAAA01",
  event = {},
  ...from
}: LivechatDelivery & { event?: Fields } = {}): Fields {
  const payload = { chat_id: chatId, thread_id: "THRDAAAA01", event: aLivechatEvent(event) };
  return { ...fromLivechat(from), action: "incoming_event", payload };
}

/** LiveChat's delivery of a chat that events have begun. */
export function anIncomingChat({
  chatId = "CHATAAAA01",
  events = [aLivechatEvent()],
  ...from
}: LivechatDelivery & { events?: readonly unknown[] } = {}): Fields {
  const users = [{ id: "c0ffee00-1111-4222-8333-000000000009", type: "customer" }];
  const chat = { id: chatId, users, thread: { id: "THRDAAAA01", active: true, events } };
  return { ...fromLivechat(from), action: "incoming_chat", payload: { chat }, additional_data: {} };
}

/** Webex's delivery about a new message; its text is not in it. */
export function aWebexDelivery({ data = {}, ...overrides }: { data?: Fields } & Fields = {}): Fields {
  return {
    id: "HOOK1",
    name: "globobot",
    resource: "messages",
    event: "created",
    filter: "mentionedPeople=me",
    orgId: "ORG1",
    createdBy: "BOT1",
    appId: "APP1",
    ownedBy: "creator",
    status: "active",
    actorId: "ANA1",
    data: {
      id: "MSG1",
      roomId: "ROOM1",
      roomType: "group",
      personId: "ANA1",
      personEmail: "ana@example.com",
      mentionedPeople: ["BOT1"],
      created: "2026-01-05T10:01:02.003Z",
      ...data,
    },
    ...overrides,
  };
}

/** Both signature headers of Webex, over the bytes as they are sent. */
export function webexSignatures(body: string, secret: string): Record<string, string> {
  const hmac = (algorithm: string) => createHmac(algorithm, secret).update(body).digest("hex");
  return {
    "X-Spark-Signature": hmac("sha1"),
    "X-Webex-Signature": `SHA-256=${hmac("sha256")}, SHA-512=${hmac("sha512")}`,
  };
}

export const SIGNING_SECRET = "signing-secret-invented";

let delivered = 0;

/** Posts a signed delivery of a message that was not delivered before, in a room of its own; its job's key, and the answer. */
export async function deliverMessage(url: string, { padding = 0, headers = {} } = {}) {
  delivered += 1;
  const id = `MSG${delivered}`;
  const delivery = aWebexDelivery({ data: { id, roomId: `ROOM${delivered}` }, more: "x".repeat(padding) });
  const body = JSON.stringify(delivery);
  const answer = await fetch(`${url}/wtwebhook`, {
    method: "POST",
    headers: { "content-type": "application/json", ...webexSignatures(body, SIGNING_SECRET), ...headers },
    body,
  });
  return { key: `webex:${id}`, status: answer.status, answer };
}
