import { z } from "zod";
import type { Reaction } from "../../reactions/keywords.ts";
import type { Installation } from "../../store/store.ts";
import { readShape } from "../body.ts";
import type { NewJob } from "../platform.ts";
import { keysOf } from "./keys.ts";

const id = z.string().min(1).max(1000);

/** A system_message has a text too, but no author. */
const event = z.object({
  id: id.nullish(),
  type: z.string(),
  author_id: z.string().nullish(),
  text: z.string().nullish(),
  order: z.number().nullish(),
});

const action = z.object({ action: z.string(), data: z.unknown() });
const incomingEvent = z.object({ chat_id: id, event });
/** An event that opens a thread comes inside the thread, instead of as incoming_event. */
const incomingChatThread = z.object({
  chat: z.object({ id, thread: z.object({ events: z.array(event).default([]) }) }),
});

type ChatEvent = z.infer<typeof event>;
type ChatEvents = { chatId: string; events: readonly ChatEvent[] };

/** What is kept of a delivery. */
export const chatioPayload = z.object({ licenseId: z.number(), chatId: z.string(), reply: z.string() });

/** One job for each event in the delivery that deserves a reply, in the order of the chat. Throws Malformed. */
export function jobsOf(delivery: unknown, installation: Installation, reaction: Reaction): NewJob[] {
  const { chatId, events } = eventsOf(delivery);
  return [...events]
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .flatMap((chatEvent) => jobOf(chatId, chatEvent, installation, reaction) ?? []);
}

function eventsOf(delivery: unknown): ChatEvents {
  const { action: name, data } = readShape(action, delivery, "action and data");
  if (name === "incoming_event") {
    const read = readShape(incomingEvent, data, "data.chat_id and data.event");
    return { chatId: read.chat_id, events: [read.event] };
  }
  if (name === "incoming_chat_thread") {
    const { chat } = readShape(incomingChatThread, data, "data.chat with its thread");
    return { chatId: chat.id, events: chat.thread.events };
  }
  return { chatId: "", events: [] };
}

function jobOf(
  chatId: string,
  { id: eventId, type, author_id: authorId, text }: ChatEvent,
  { licenseId, botId }: Installation,
  reaction: Reaction,
): NewJob | null {
  if (type !== "message" || !eventId || !text) return null;
  // Nothing says that the bot's own events are left out of its webhooks.
  if (authorId === botId) return null;
  const reply = reaction(text);
  if (reply === null) return null;
  const payload: z.infer<typeof chatioPayload> = { licenseId, chatId, reply };
  return { platform: "chatio", ...keysOf(licenseId, chatId, eventId), payload };
}
