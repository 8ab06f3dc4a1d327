import type { NewJob } from "../../job.ts";

/**
 * What would let two different ids give one key, or write to the terminal on which keys are listed: the separator, the
 * escape, control characters, lone surrogates, and U+FFFD, which is what the database makes of a lone surrogate. None
 * of these sets grows with Unicode, so a key stays the same for ever.
 */
const UNUSUAL = /[:%\uFFFD\p{Cc}\p{Cs}]/gu;

/**
 * The names under which a message in a chat is kept: different messages never have the same key. An id of letters,
 * digits and the punctuation of UUIDs and base64 stands in the key as it is. The chat is the last part of the lane, so
 * it needs no escaping there, and jobs that an earlier release has kept are in one lane with new ones.
 */
export function keysOf(
  account: string,
  chatId: string,
  eventId: string,
): Pick<NewJob, "key" | "lane" | "quota" | "formerKey"> {
  const quota = `chatio:${account}`;
  const lane = `${quota}:${chatId}`;
  const plainKey = `${lane}:${eventId}`;
  const [chat, event] = [escaped(chatId), escaped(eventId)];
  if (chat === chatId && event === eventId) return { key: plainKey, lane, quota };
  // With the % in front it cannot be taken for the key that an earlier release gave to a message of this lane.
  return { key: `chatio%:${account}:${chat}:${event}`, lane, quota, formerKey: plainKey };
}

/** With each unusual character as %XX or %uXXXX. */
function escaped(id: string): string {
  return id.replace(UNUSUAL, (character) => {
    const code = character.charCodeAt(0);
    const hex = code.toString(16).toUpperCase();
    return code < 256 ? `%${hex.padStart(2, "0")}` : `%u${hex}`;
  });
}
