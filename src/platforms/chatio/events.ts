import { z } from "zod";
import type { NewJob } from "../../job.ts";
import type { Log } from "../../log.ts";
import type { Reaction } from "../../reactions/keywords.ts";
import type { Installation } from "../../store/store.ts";
import { readShape } from "../body.ts";
import { eventShape, idShape, jobOf, readEvents } from "../keyword-bot/events.ts";

const chatioEvent = eventShape.extend({ order: z.unknown().optional() });

const action = z.object({ action: z.string(), data: z.unknown().optional() });
const incomingEvent = z.object({
  chat_id: idShape,
  event: z.custom<unknown>((given) => given !== undefined),
});
/** An event that opens a thread comes inside the thread, instead of as incoming_event. */
const incomingChatThread = z.object({
  chat: z.object({
    id: idShape,
    thread: z.object({ events: z.custom<readonly unknown[]>(Array.isArray).default([]) }),
  }),
});

type ChatEvents = { chatId: string; events: readonly unknown[] };

/**
 * One job for each event in the delivery that deserves a reply, in the order of the chat. Events in an unknown form are
 * skipped and logged by their type; of more than 1000, the last 1000 are read. Throws Malformed.
 */
export function jobsOf(
  delivery: unknown,
  installation: Installation,
  reaction: Reaction,
  log: Log,
): NewJob[] {
  const { chatId, events } = eventsOf(delivery);
  return readEvents(events, chatioEvent, log)
    .toSorted((a, b) => orderOf(a) - orderOf(b))
    .flatMap((event) => jobOf("chatio", chatId, event, installation, reaction) ?? []);
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

/** Anything but a number counts as 0; a number too large is Infinity, which sorts like any other. */
function orderOf({ order }: z.infer<typeof chatioEvent>): number {
  return typeof order === "number" ? order : 0;
}
