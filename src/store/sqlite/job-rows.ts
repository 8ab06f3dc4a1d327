import { z } from "zod";
import type { Job, JsonObject } from "../../job.ts";
import { ATTEMPTS_KEPT, LONGEST_SENTENCE, type PastAttempt, type Settlement } from "../store.ts";

/** Whatever JSON.parse returns is JSON all the way down: only the top is left to check. */
export const jsonText = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue("is not JSON");
      return z.NEVER;
    }
  })
  .pipe(
    z.custom<JsonObject>((value) => typeof value === "object" && value !== null && !Array.isArray(value)),
  );

export const platformName = z.string();

/** The columns that `jobs` and `settled` share. */
export const jobRow = z.object({
  key: z.string(),
  platform: platformName,
  lane: z.string(),
  quota: z.string(),
  payload: jsonText,
  progress: jsonText,
  attempts: z.number(),
  accepted_at: z.number(),
});

/** The latest date that JavaScript has, in ms since 1970. A later one, left by damage, is read as this one. */
export const LATEST_DATE = 8_640_000_000_000_000;

export function jobFromRow(row: z.infer<typeof jobRow>): Job {
  const { key, platform, lane, quota, payload, progress, attempts, accepted_at: acceptedAt } = row;
  return { key, platform, lane, quota, payload, progress, attempts, acceptedAt };
}

/**
 * Run this whenever a job has left its lane: the one behind it becomes the head, unless another is that already. Returns
 * the quota of the new head.
 */
export const NEXT_OF_LANE = `
  UPDATE jobs SET is_first = 1
  WHERE seq = (SELECT min(seq) FROM jobs WHERE lane = :lane) AND is_first = 0
  RETURNING platform, quota`;

/** A tuple instead of an object, to save space: a million settled jobs are kept for a week. */
const attempt = z.tuple([z.number(), z.number(), z.enum(["done", "dead", "waiting"]), z.string()]);

/** Reads a job's attempts from their column. */
export const historyText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.array(attempt))
  .transform((all) => all.map(([startedAt, ms, end, says]): PastAttempt => ({ startedAt, ms, end, says })));

/** SQL for a job's history with :attempt appended. If it is full, the oldest attempt is dropped. */
export const LONGER_HISTORY = `
  json_insert(
    CASE
      WHEN NOT json_valid(history) THEN '[]'
      WHEN json_array_length(history) < ${ATTEMPTS_KEPT} THEN history
      ELSE json_remove(history, '$[0]')
    END,
    '$[#]', json(:attempt))`;

/** The value of :attempt for an attempt that ends now. */
export function attemptText(settlement: Settlement, tookMs: number, now: number): string {
  const ms = Math.round(tookMs);
  const says = settlement.state === "done" ? settlement.outcome : settlement.error;
  return JSON.stringify([now - ms, ms, settlement.state, cutSentence(says)]);
}

/** The sentence, cut to LONGEST_SENTENCE characters. */
export function cutSentence(sentence: string): string {
  if (sentence.length <= LONGEST_SENTENCE) return sentence;
  return `${sentence.slice(0, LONGEST_SENTENCE - 1).toWellFormed()}…`;
}
