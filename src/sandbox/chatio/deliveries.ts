import type { Attempt, Courier } from "../courier.ts";
import type { BotAgents, RegisteredBot } from "./bot-agents.ts";
import type { Chat, ChatEvent } from "./chats.ts";

/** An attempt to deliver an event to a bot. */
export type DeliveryRecord = Attempt & { botId: string; action: string; chatId: string; eventId: string };

export type ChatioDeliverySettings = {
  /** Whether deliveries to a bot keep their order among all its chats, or only within each chat. */
  order: "bot" | "chat";
};

/** Tells the license's bots of an event. Resolves when each delivery is answered or given up. */
export type Announce = (chat: Chat, event: ChatEvent) => Promise<void>;

export function createAnnounce(context: {
  bots: BotAgents;
  courier: Courier;
  delivery: ChatioDeliverySettings;
  deliveries: DeliveryRecord[];
  onChange: () => void;
}): Announce {
  const { bots, courier, delivery, deliveries, onChange } = context;

  function deliver(bot: RegisteredBot, action: string, chat: Chat, event: ChatEvent, data: unknown) {
    const { url, secret_key } = bot.settings.webhooks;
    const about = { botId: bot.id, action, chatId: chat.id, eventId: event.id };
    return courier.send({
      lane: delivery.order === "bot" ? bot.id : `${bot.id} ${chat.id}`,
      url,
      body: JSON.stringify({ webhook_id: bot.webhookId, secret_key, action, data }),
      headers: () => ({ "content-type": "application/json" }),
      isWanted: () => bots.isLoggedIn(bot),
      attempted: (attempt) => void deliveries.push({ ...about, ...attempt }),
    });
  }

  return async (chat, event) => {
    onChange();
    const opensThread = event.order === 1;
    const action = opensThread ? "incoming_chat_thread" : "incoming_event";
    const data = opensThread ? threadData(chat) : eventData(chat, event);
    const listening = bots
      .list(chat.licenseId)
      .filter(({ settings }) => settings.webhooks.actions.some(({ name }) => name === action));
    await Promise.all(listening.map((bot) => deliver(bot, action, chat, event, data)));
  };
}

/** An event, as the webhooks and the agent API both write it. */
export function wireEvent({ id, order, type, authorId, timestamp, text, recipients }: ChatEvent) {
  return { id, order, type, author_id: authorId, timestamp, text, recipients };
}

function eventData(chat: Chat, event: ChatEvent) {
  return { chat_id: chat.id, event: { ...wireEvent(event), properties: {} } };
}

function threadData(chat: Chat) {
  const customer = { id: chat.customerId, type: "customer", present: true, banned: false };
  const agents = [...chat.members].map((id) => ({ id, type: "agent", present: true }));
  const user_ids = [chat.customerId, ...chat.members];
  const events = chat.events.map(wireEvent);
  const timestamp = chat.events[0]?.timestamp;
  return {
    chat: {
      id: chat.id,
      users: [customer, ...agents],
      properties: {},
      thread: { id: chat.threadId, timestamp, active: true, user_ids, events, order: 1 },
    },
  };
}
