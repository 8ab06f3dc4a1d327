import { z } from "zod";
import type { NewJob } from "../../job.ts";
import type { Log } from "../../log.ts";
import type { Reaction } from "../../reactions/keywords.ts";
import type { Installation } from "../../store/store.ts";
import { readShape } from "../body.ts";
import { type ChatEvents, eventShape, idShape, jobsFrom, singleEventShape } from "../keyword-bot/events.ts";

const livechatEvent = eventShape.extend({ created_at: z.unknown().optional() });

const envelope = z.object({ organization_id: idShape });
const action = z.object({ action: z.string(), payload: z.unknown().optional() });
/** An event that starts a chat comes inside its thread, and may come again as incoming_event. */
const incomingChat = z.object({
  chat: z.object({
    id: idShape,
    thread: z.object({ events: z.custom<readonly unknown[]>(Array.isArray).nullish() }).nullish(),
  }),
});

/** The organization that the delivery comes from. Throws Malformed. */
export function organizationOf(delivery: unknown): string {
  return readShape(envelope, delivery, "organization_id").organization_id;
}

/** The jobs that a delivery asks for, in the order of the chat. Throws Malformed. */
export function jobsOf(
  delivery: unknown,
  installation: Installation,
  reaction: Reaction,
  log: Log,
): NewJob[] {
  const kind = { platform: "livechat", shape: livechatEvent, compare: inOrder };
  return jobsFrom(eventsOf(delivery), kind, installation, reaction, log);
}

function eventsOf(delivery: unknown): ChatEvents {
  const { action: name, payload } = readShape(action, delivery, "action and payload");
  if (name === "incoming_event") {
    const read = readShape(singleEventShape, payload, "payload.chat_id and payload.event");
    return { chatId: read.chat_id, events: [read.event] };
  }
  if (name === "incoming_chat") {
    const { chat } = readShape(incomingChat, payload, "payload.chat with its id");
    return { chatId: chat.id, events: chat.thread?.events ?? [] };
  }
  return { chatId: "", events: [] };
}

/** RFC 3339 in UTC with microseconds, more than a Date holds: as text it sorts by time. */
function timeOf({ created_at: createdAt }: z.infer<typeof livechatEvent>): string {
  return typeof createdAt === "string" ? createdAt : "";
}

function inOrder(one: z.infer<typeof livechatEvent>, other: z.infer<typeof livechatEvent>): number {
  const [a, b] = [timeOf(one), timeOf(other)];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
