import { randomUUID } from "node:crypto";
import type { Courier } from "../courier.ts";
import type { BotAgents, RegisteredBot } from "./bot-agents.ts";
import type { Chat, ChatEvent, Thread } from "./chats.ts";

/** One attempt to deliver an event to one bot; all attempts and copies share the `id`. */
export type DeliveryRecord = {
  id: string;
  botId: string;
  action: string;
  chatId: string;
  eventId: string;
  /** Null when there was no answer. */
  status: number | null;
  attempt: number;
};

export type ChatioDeliverySettings = {
  /** Whether deliveries to a bot keep their order among all its chats, or only within each chat. */
  order: "bot" | "chat";
};

export type Happening = { chat: Chat; thread: Thread; event: ChatEvent; opensThread: boolean };

/** Tells the license's bots of an event; resolves when each delivery is answered or given up. */
export type Announce = (happening: Happening) => Promise<void>;

export function createAnnounce(context: {
  apiVersion: string;
  bots: BotAgents;
  courier: Courier;
  settings: ChatioDeliverySettings;
  deliveries: DeliveryRecord[];
  onChange: () => void;
}): Announce {
  const { bots, courier, settings, deliveries, onChange } = context;

  function deliver(bot: RegisteredBot, action: string, { chat, event }: Happening, data: unknown) {
    const { url, secret_key } = bot.settings.webhooks;
    const body = { webhook_id: bot.webhookId, secret_key, action, data };
    const extra = context.apiVersion === "v0.5" ? { additional_data: {} } : {};
    const about = { id: randomUUID(), botId: bot.id, action, chatId: chat.id, eventId: event.id };
    return courier.send({
      lane: settings.order === "bot" ? bot.id : `${bot.id} ${chat.id}`,
      url,
      body: JSON.stringify({ ...body, ...extra }),
      headers: () => ({ "content-type": "application/json" }),
      isWanted: () => bots.isLoggedIn(bot),
      attempted: (attempt, status) => void deliveries.push({ ...about, status, attempt }),
    });
  }

  return async (happening) => {
    // Joins and leaves are lines of the chat, too.
    onChange();
    const action = happening.opensThread ? "incoming_chat_thread" : "incoming_event";
    const data = happening.opensThread ? threadData(happening) : eventData(happening);
    const listening = bots.list(happening.chat.licenseId).filter((bot) => {
      const isAsked = bot.settings.webhooks.actions.some(({ name }) => name === action);
      return isAsked && bots.isLoggedIn(bot);
    });
    await Promise.all(listening.map((bot) => deliver(bot, action, happening, data)));
  };
}

/** An event in the form both the webhooks and the agent API use. */
export function wireEvent({ id, customId, order, type, authorId, timestamp, text, recipients }: ChatEvent) {
  return { id, custom_id: customId, order, type, author_id: authorId, timestamp, text, recipients };
}

function eventData({ chat, event }: Happening) {
  return { chat_id: chat.id, event: { ...wireEvent(event), properties: {} } };
}

function threadData({ chat, thread }: Happening) {
  const customer = { id: chat.customerId, type: "customer", present: true, banned: false };
  const agents = [...chat.members].map((id) => ({ id, type: "agent", present: true }));
  const { id, timestamp, active, order } = thread;
  const user_ids = [chat.customerId, ...chat.members];
  const events = thread.events.map(wireEvent);
  return {
    chat: {
      id: chat.id,
      users: [customer, ...agents],
      properties: {},
      thread: { id, timestamp, active, user_ids, events, order },
    },
  };
}
