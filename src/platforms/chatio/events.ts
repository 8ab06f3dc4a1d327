import { z } from "zod";
import type { NewJob } from "../../job.ts";
import type { Log } from "../../log.ts";
import type { Reaction } from "../../reactions/keywords.ts";
import type { Installation } from "../../store/store.ts";
import { readShape } from "../body.ts";
import { type ChatEvents, eventShape, idShape, jobsFrom, singleEventShape } from "../keyword-bot/events.ts";

const chatioEvent = eventShape.extend({ order: z.unknown().optional() });

const action = z.object({ action: z.string(), data: z.unknown().optional() });
/** An event that opens a thread comes inside the thread, instead of as incoming_event. */
const incomingChatThread = z.object({
  chat: z.object({
    id: idShape,
    thread: z.object({ events: z.custom<readonly unknown[]>(Array.isArray).default([]) }),
  }),
});

/** The jobs that a delivery asks for, in the order of the chat. Throws Malformed. */
export function jobsOf(
  delivery: unknown,
  installation: Installation,
  reaction: Reaction,
  log: Log,
): NewJob[] {
  const kind = { platform: "chatio", shape: chatioEvent, compare: inOrder };
  return jobsFrom(eventsOf(delivery), kind, installation, reaction, log);
}

function eventsOf(delivery: unknown): ChatEvents {
  const { action: name, data } = readShape(action, delivery, "action and data");
  if (name === "incoming_event") {
    const read = readShape(singleEventShape, data, "data.chat_id and data.event");
    return { chatId: read.chat_id, events: [read.event] };
  }
  if (name === "incoming_chat_thread") {
    const { chat } = readShape(incomingChatThread, data, "data.chat with its thread");
    return { chatId: chat.id, events: chat.thread.events };
  }
  return { chatId: "", events: [] };
}

function inOrder(a: z.infer<typeof chatioEvent>, b: z.infer<typeof chatioEvent>): number {
  return orderOf(a) - orderOf(b);
}

/** Anything but a number counts as 0. A number too large becomes Infinity and sorts last. */
function orderOf({ order }: z.infer<typeof chatioEvent>): number {
  return typeof order === "number" ? order : 0;
}
