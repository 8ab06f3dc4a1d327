import { z } from "zod";
import type { Job, JsonObject } from "../../job.ts";
import {
  ATTEMPTS_KEPT,
  type AttemptCalls,
  LONGEST_SENTENCE,
  type PastAttempt,
  type Settlement,
} from "../store.ts";

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

const call = z.tuple([z.string(), z.number(), z.number().nullable()]);

/**
 * Tuples instead of objects, to save space: a million settled jobs are kept for a week. The last calls follow, if there
 * were any, and the number of those before them, if there were more.
 */
const attempt = z.tuple([
  z.number(),
  z.number(),
  z.enum(["done", "dead", "waiting"]),
  z.string(),
  z.array(call).optional(),
  z.number().optional(),
]);

function attemptFrom([startedAt, ms, end, says, calls = [], before = 0]: z.infer<
  typeof attempt
>): PastAttempt {
  const last = calls.map(([name, callMs, status]) => ({ name, ms: callMs, status }));
  return { startedAt, ms, end, says, calls: { last, before } };
}

/** Reads a job's attempts from their column. */
export const historyText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.array(attempt))
  .transform((all) => all.map(attemptFrom));

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
export function attemptText(
  settlement: Settlement,
  now: number,
  tookMs: number,
  { last, before }: AttemptCalls,
): string {
  const ms = Math.round(tookMs);
  const says = settlement.state === "done" ? settlement.outcome : settlement.error;
  const calls = last.map(({ name, ms: callMs, status }) => [name, Math.round(callMs), status]);
  const kept = [...(calls.length > 0 ? [calls] : []), ...(before > 0 ? [before] : [])];
  return JSON.stringify([now - ms, ms, settlement.state, cutSentence(says), ...kept]);
}

/** The sentence, cut to LONGEST_SENTENCE characters. */
export function cutSentence(sentence: string): string {
  if (sentence.length <= LONGEST_SENTENCE) return sentence;
  return `${sentence.slice(0, LONGEST_SENTENCE - 1).toWellFormed()}…`;
}
