import { z } from "zod";
import type { NewJob, PlatformName } from "../../job.ts";
import type { Log } from "../../log.ts";
import type { Reaction, Reply } from "../../reactions/keywords.ts";
import type { Installation } from "../../store/store.ts";

/** Far more than a thread has when it opens, and few enough for one commit. */
const MOST_EVENTS = 1000;

/** A log line is no place for everything that a delivery may hold. */
const MOST_TYPES_LOGGED = 10;

const chat = { account: z.string(), chatId: z.string() };
const replyShape = z.object({ text: z.string(), to: z.enum(["agents", "everyone"]) });

/** What is kept of a delivery. */
export type ChatPayload = { account: string; chatId: string; replies: Reply[] };

const asKept = z.object({ ...chat, replies: z.array(replyShape) });
/** The form of an older release: one reply, for the agents. */
const asKeptBefore = z
  .object({ ...chat, reply: z.string() })
  .transform(({ reply, ...rest }): ChatPayload => ({ ...rest, replies: [{ text: reply, to: "agents" }] }));

/** Also reads what an earlier release has kept. */
export const chatPayload: z.ZodType<ChatPayload> = z.union([asKept, asKeptBefore]);

export const idShape = z.string().min(1).max(1000);

/** The fields of an event that decide on a reply. Not only messages have a text, and not every event has an author. */
export const eventShape = z.object({
  id: idShape.nullish(),
  type: z.string(),
  author_id: z.string().nullish(),
  text: z.string().nullish(),
});

/** The events of one chat, as a delivery brings them. */
export type ChatEvents = { readonly chatId: string; readonly events: readonly unknown[] };

/** A delivery of a single event. */
export const singleEventShape = z.object({
  chat_id: idShape,
  event: z.custom<unknown>((given) => given !== undefined),
});

/** A platform's events: their shape, and how to order those of one delivery as in the chat. */
export type EventKind<Event extends z.infer<typeof eventShape>> = {
  readonly platform: PlatformName;
  readonly shape: z.ZodType<Event>;
  compare(a: Event, b: Event): number;
};

/**
 * One job for each event that deserves a reply, in the order of the chat. Events in an unknown form are skipped, and
 * logged by their type; of more than 1000, the last 1000 are read.
 */
export function jobsFrom<Event extends z.infer<typeof eventShape>>(
  { chatId, events }: ChatEvents,
  { platform, shape, compare }: EventKind<Event>,
  installation: Installation,
  reaction: Reaction,
  log: Log,
): NewJob[] {
  return readEvents(events, shape, log)
    .toSorted(compare)
    .flatMap((event) => jobOf(platform, chatId, event, installation, reaction) ?? []);
}

/**
 * The events of a delivery in the given shape. They are read one by one, so that one in an unknown form spoils no other:
 * it is skipped, and the log names its type. Of more than 1000 events only the last 1000 are read.
 */
function readEvents<Event>(events: readonly unknown[], shape: z.ZodType<Event>, log: Log): readonly Event[] {
  const given = newest(events, log);
  const read: Event[] = [];
  const oddTypes = new Set<string>();
  for (const event of given) {
    const { success, data } = shape.safeParse(event);
    if (success) read.push(data);
    else oddTypes.add(typeToLog(event));
  }
  const skipped = given.length - read.length;
  if (skipped > 0) {
    const types = [...oddTypes].slice(0, MOST_TYPES_LOGGED);
    log.warn(
      { types },
      `Skipped ${skipped} of ${given.length} events of a delivery: they are in no known form.`,
    );
  }
  return read;
}

function newest(events: readonly unknown[], log: Log): readonly unknown[] {
  if (events.length <= MOST_EVENTS) return events;
  log.warn(`A delivery has ${events.length} events: only the last ${MOST_EVENTS} were looked at.`);
  return events.slice(-MOST_EVENTS);
}

/** Only a plain word: anything else might be what somebody wrote. */
function typeToLog(event: unknown): string {
  const type = typeof event === "object" && event !== null && "type" in event ? event.type : null;
  return typeof type === "string" && /^[a-z][a-z0-9_]{0,49}$/i.test(type) ? type : "unnamed";
}

/** The job that an event asks for; null: it deserves no reply. */
function jobOf(
  platform: PlatformName,
  chatId: string,
  { id: eventId, type, author_id: authorId, text }: z.infer<typeof eventShape>,
  { account, botId }: Installation,
  reaction: Reaction,
): NewJob | null {
  if (type !== "message" || !eventId || !text) return null;
  // No platform promises to leave the bot's own events out of its webhooks.
  if (authorId === botId) return null;
  const replies = reaction(text);
  if (replies.length === 0) return null;
  const payload: ChatPayload = { account, chatId, replies: [...replies] };
  return { platform, ...keysOf(platform, account, chatId, eventId), payload };
}

/** The rate limit that all calls of an account count against, and so its jobs. */
export function quotaOf(platform: PlatformName, account: string): string {
  return `${platform}:${account}`;
}

/**
 * What could give two ids the same key, or control the terminal that lists keys: the separator, the escape, control
 * characters, lone surrogates, and U+FFFD, into which the database turns a lone surrogate. None of these sets grows with
 * Unicode, so a key never changes.
 */
const UNUSUAL = /[:%\uFFFD\p{Cc}\p{Cs}]/gu;

/**
 * The key, lane and quota of a message in a chat. Different messages never have the same key. An id of letters, digits
 * and the punctuation of UUIDs and base64 appears in the key as it is. The chat ends the lane, so it is not escaped there.
 * Old and new jobs of a chat share a lane.
 */
function keysOf(
  platform: PlatformName,
  account: string,
  chatId: string,
  eventId: string,
): Pick<NewJob, "key" | "lane" | "quota" | "formerKey"> {
  const quota = quotaOf(platform, account);
  const lane = `${quota}:${chatId}`;
  const plainKey = `${lane}:${eventId}`;
  const [chat, event] = [escaped(chatId), escaped(eventId)];
  if (chat === chatId && event === eventId) return { key: plainKey, lane, quota };
  // The % keeps it apart from the keys that an earlier release gave to messages of this lane.
  return { key: `${platform}%:${account}:${chat}:${event}`, lane, quota, formerKey: plainKey };
}

/** With each unusual character as %XX or %uXXXX. */
function escaped(id: string): string {
  return id.replace(UNUSUAL, (character) => {
    const code = character.charCodeAt(0);
    const hex = code.toString(16).toUpperCase();
    return code < 256 ? `%${hex.padStart(2, "0")}` : `%u${hex}`;
  });
}
