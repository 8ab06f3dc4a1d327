import type { NewJob, PlatformName } from "../../job.ts";

/**
 * What could give two ids the same key, or control the terminal that lists keys: the separator, the escape, control
 * characters, lone surrogates, and U+FFFD, into which the database turns a lone surrogate. None of these sets grows with
 * Unicode, so a key never changes.
 */
const UNUSUAL = /[:%\uFFFD\p{Cc}\p{Cs}]/gu;

/** The rate limit that all calls of an account count against, and so its jobs. */
export function quotaOf(platform: PlatformName, account: string): string {
  return `${platform}:${account}`;
}

/**
 * The key, lane and quota of a message in a chat. Different messages never have the same key. An id of letters, digits
 * and the punctuation of UUIDs and base64 appears in the key as it is. The chat is the last part of the lane and needs no
 * escaping there, so jobs of an earlier release are in one lane with new ones.
 */
export function keysOf(
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
