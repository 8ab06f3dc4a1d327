import { z } from "zod";
import type { NewJob } from "../../job.ts";
import type { Log } from "../../log.ts";
import type { Reaction } from "../../reactions/keywords.ts";
import type { Installation } from "../../store/store.ts";
import { readShape } from "../body.ts";
import { keysOf } from "./keys.ts";

/** Far more than a thread has when it opens, and no more than one commit takes in its stride. */
const MOST_EVENTS = 1000;

/** A log line is no place for whatever a delivery may hold. */
const MOST_TYPES_LOGGED = 10;

const id = z.string().min(1).max(1000);

/** A system_message has a text too, but no author. */
const event = z.object({
  id: id.nullish(),
  type: z.string(),
  author_id: z.string().nullish(),
  text: z.string().nullish(),
  order: z.unknown().optional(),
});

const action = z.object({ action: z.string(), data: z.unknown().optional() });
// Events are read one by one, so that one in an unknown form spoils no other.
const incomingEvent = z.object({
  chat_id: id,
  event: z.custom<unknown>((given) => given !== undefined),
});
/** An event that opens a thread comes inside the thread, instead of as incoming_event. */
const incomingChatThread = z.object({
  chat: z.object({
    id,
    thread: z.object({ events: z.custom<readonly unknown[]>(Array.isArray).default([]) }),
  }),
});

type ChatEvent = z.infer<typeof event>;
type ChatEvents = { chatId: string; events: readonly unknown[] };

/** What is kept of a delivery. */
export const chatioPayload = z.object({ account: z.string(), chatId: z.string(), reply: z.string() });

/**
 * One job for each event in the delivery that deserves a reply, in the order of the chat. Events in an unknown form are
 * skipped and logged by their type; of more than 1000 the last are looked at. Throws Malformed.
 */
export function jobsOf(
  delivery: unknown,
  installation: Installation,
  reaction: Reaction,
  log: Log,
): NewJob[] {
  const { chatId, events } = eventsOf(delivery);
  return readable(newest(events, log), log)
    .sort((a, b) => orderOf(a) - orderOf(b))
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

function newest(events: readonly unknown[], log: Log): readonly unknown[] {
  if (events.length <= MOST_EVENTS) return events;
  log.warn(`A delivery has ${events.length} events: only the last ${MOST_EVENTS} were looked at.`);
  return events.slice(-MOST_EVENTS);
}

function readable(events: readonly unknown[], log: Log): ChatEvent[] {
  const read: ChatEvent[] = [];
  const oddTypes = new Set<string>();
  for (const given of events) {
    const { success, data } = event.safeParse(given);
    if (success) read.push(data);
    else oddTypes.add(typeToLog(given));
  }
  const skipped = events.length - read.length;
  if (skipped > 0) {
    const types = [...oddTypes].slice(0, MOST_TYPES_LOGGED);
    log.warn(
      { types },
      `Skipped ${skipped} of ${events.length} events of a delivery: they are in no known form.`,
    );
  }
  return read;
}

/** Only a plain word: whatever else stands there might be what somebody wrote. */
function typeToLog(given: unknown): string {
  const type = typeof given === "object" && given !== null && "type" in given ? given.type : null;
  return typeof type === "string" && /^[a-z][a-z0-9_]{0,49}$/i.test(type) ? type : "unnamed";
}

/** What is no number counts as 0; what is too large for one is Infinity, which sorts like any other. */
function orderOf({ order }: ChatEvent): number {
  return typeof order === "number" ? order : 0;
}

function jobOf(
  chatId: string,
  { id: eventId, type, author_id: authorId, text }: ChatEvent,
  { account, botId }: Installation,
  reaction: Reaction,
): NewJob | null {
  if (type !== "message" || !eventId || !text) return null;
  // Nothing says that the bot's own events are left out of its webhooks.
  if (authorId === botId) return null;
  const reply = reaction(text);
  if (reply === null) return null;
  const payload: z.infer<typeof chatioPayload> = { account, chatId, reply };
  return { platform: "chatio", ...keysOf(account, chatId, eventId), payload };
}
