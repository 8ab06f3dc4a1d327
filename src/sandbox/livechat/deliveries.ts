import { randomUUID } from "node:crypto";
import type { Attempt, Courier } from "../courier.ts";
import type { Bots } from "./bots.ts";
import { type Chat, type ChatEvent, threadEvents } from "./chats.ts";
import type { Organization } from "./organizations.ts";
import type { Undocumented } from "./undocumented.ts";
import { areWebhooksEnabled, type Webhook, type WebhookAction, type Webhooks } from "./webhooks.ts";

/** An attempt to deliver an event to a webhook. */
export type DeliveryRecord = Attempt & {
  webhookId: string;
  organizationId: string;
  action: string;
  chatId: string;
  eventId: string;
};

export type LivechatDeliverySettings = {
  /** Whether a webhook's deliveries keep their order within each chat. No order is promised. */
  order: "chat" | "none";
  /** A delivery is tried up to three times more, within about a minute. */
  attempts: number;
  /** Milliseconds between two attempts. Not documented; assumed: the attempts are spread evenly over the minute. */
  retryAfterMs: number;
};

export const livechatDelivery: LivechatDeliverySettings = {
  order: "chat",
  attempts: 4,
  retryAfterMs: 20_000,
};

/** Tells the app's webhooks of an event. Resolves when each delivery is received or given up. */
export type Announce = (chat: Chat, event: ChatEvent) => Promise<void>;

export function createAnnounce(context: {
  organizationOf(chat: Chat): Organization;
  bots: Bots;
  webhooks: Webhooks;
  undocumented: Undocumented;
  courier: Courier;
  delivery: LivechatDeliverySettings;
  deliveries: DeliveryRecord[];
  onChange: () => void;
}): Announce {
  const { bots, webhooks, undocumented, courier, delivery, deliveries, onChange } = context;

  /** Webhooks of type bot are silent while every bot of the app is offline. */
  function isHeard(organization: Organization, { id, type }: Webhook): boolean {
    if (webhooks.find(id) === undefined || !areWebhooksEnabled(organization)) return false;
    return type === "license" || bots.list(organization.id).some(({ status }) => status !== "offline");
  }

  function deliver(webhook: Webhook, chat: Chat, event: ChatEvent, payload: unknown) {
    const organization = context.organizationOf(chat);
    const { id: webhook_id, secret_key, action, url } = webhook;
    const organization_id = organization.id;
    const additional = undocumented.additionalData === "sent" ? { additional_data: {} } : {};
    // "added_later" stands for the keys that LiveChat may add at any time.
    const envelope = { webhook_id, secret_key, action, organization_id, payload, ...additional };
    return courier.send({
      lane: delivery.order === "chat" ? `${webhook_id} ${chat.id}` : randomUUID(),
      url,
      body: JSON.stringify({ ...envelope, added_later: { by: "the platform" } }),
      headers: () => ({ "content-type": "application/json" }),
      isWanted: () => isHeard(organization, webhook),
      isReceived: (status) => status === 200,
      attempted(attempt) {
        const about = { webhookId: webhook_id, organizationId: organization_id, action };
        deliveries.push({ ...about, chatId: chat.id, eventId: event.id, ...attempt });
      },
    });
  }

  return async (chat, event) => {
    onChange();
    const opensThread = threadEvents(chat)[0] === event;
    const action: WebhookAction = opensThread ? "incoming_chat" : "incoming_event";
    const payload = opensThread
      ? chatPayload(chat, undocumented.threadEvents === "sent")
      : eventPayload(chat, event);
    const organization = context.organizationOf(chat);
    const listening = webhooks
      .list()
      .filter((webhook) => webhook.action === action && isHeard(organization, webhook))
      .filter((webhook) => passes(webhook, chat, event));
    await Promise.all(listening.map((webhook) => deliver(webhook, chat, event, payload)));
  };
}

/** Whether the event passes the filters of the webhook. */
function passes({ filters = {} }: Webhook, chat: Chat, event: ChatEvent): boolean {
  const { source_type, author_type } = filters;
  if (source_type !== undefined && !source_type.includes(event.source)) return false;
  if (author_type === undefined) return true;
  const author = event.authorId === chat.customerId ? "customer" : "agent";
  return event.authorId !== undefined && author === author_type;
}

/** An event as the webhooks write it. */
function wireEvent(event: ChatEvent) {
  const { id, type, authorId, createdAt, text, recipients, customId } = event;
  const system = type === "system_message" && { system_message_type: "agent_activity" };
  return {
    id,
    ...(customId !== undefined && { custom_id: customId }),
    type,
    text,
    author_id: authorId,
    created_at: createdAt,
    visibility: recipients,
    properties: {},
    ...system,
  };
}

function eventPayload(chat: Chat, event: ChatEvent) {
  return { chat_id: chat.id, thread_id: event.threadId, event: wireEvent(event) };
}

function chatPayload(chat: Chat, withEvents: boolean) {
  const { id, customerId, members, groupId, threadId, previousThreadId } = chat;
  const access = { group_ids: [groupId] };
  const events = threadEvents(chat);
  const customer = {
    id: customerId,
    type: "customer",
    present: true,
    name: "Customer",
    email: "customer@example.com",
    statistics: { chats_count: 1 },
  };
  const agents = [...members].map(([agentId, visibility]) => {
    return { id: agentId, type: "agent", present: true, visibility };
  });
  const thread = {
    id: threadId,
    active: true,
    user_ids: [customerId, ...members.keys()],
    ...(withEvents ? { events: events.map(wireEvent) } : { restricted_access: "no access" }),
    properties: {},
    access,
    previous_thread_id: previousThreadId,
    created_at: events[0]?.createdAt,
    tags: [],
  };
  return { chat: { id, users: [customer, ...agents], properties: {}, access, thread } };
}
