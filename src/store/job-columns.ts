import { z } from "zod";
import type { Job, JsonObject } from "../job.ts";
import {
  type AttemptCalls,
  type JobRecord,
  LONGEST_SENTENCE,
  type PastAttempt,
  type Settlement,
} from "./jobs.ts";

// What the columns of a job have in common in every store.

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

/** The columns of a job that everybody needs. */
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

/** What a retry keeps of what was before it. */
export const retryColumns = {
  /** null: the job was never put back. */
  first_accepted_at: z.number().nullable(),
  earlier_attempts: z.number(),
};

type RetryColumns = Pick<z.infer<typeof jobRow>, "attempts" | "accepted_at"> &
  z.infer<z.ZodObject<typeof retryColumns>>;

/** When a job was accepted at first, when it was put back last, and all its attempts. */
export function sinceFirst(row: RetryColumns): Pick<JobRecord, "acceptedAt" | "putBackAt" | "attempts"> {
  const { first_accepted_at: first, accepted_at: acceptedAt, attempts, earlier_attempts: earlier } = row;
  return {
    acceptedAt: first ?? acceptedAt,
    putBackAt: first === null ? null : acceptedAt,
    attempts: earlier + attempts,
  };
}

const call = z.tuple([z.string(), z.number(), z.number().nullable()]);

/**
 * Tuples instead of objects, to save space: a million settled jobs are kept for a week. The last calls follow, if there
 * were any, and the number of those before them, if there were more.
 */
export const attempt = z.tuple([
  z.number(),
  z.number(),
  z.enum(["done", "dead", "waiting"]),
  z.string(),
  z.array(call).optional(),
  z.number().optional(),
]);

export function attemptFrom([startedAt, ms, end, says, calls = [], before = 0]: z.infer<
  typeof attempt
>): PastAttempt {
  const last = calls.map(([name, callMs, status]) => ({ name, ms: callMs, status }));
  return { startedAt, ms, end, says, calls: { last, before } };
}

/** An attempt that ends now, as it is kept in a column. */
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

/** Where a job stands in lists: unsettled ones by `seq`, then settled ones by time and `seq`. */
export type Place = { readonly seq: number; readonly settledAt: number | null };

export function positionOf({ seq, settledAt }: Place): string {
  return settledAt === null ? String(seq) : `${settledAt}-${seq}`;
}

const POSITION = /^(?:(\d{1,16})-)?(\d{1,15})$/;

/** null: the text is no position. */
export function placeOf(position: string): Place | null {
  const [, settledAt, seq] = POSITION.exec(position) ?? [];
  if (seq === undefined) return null;
  return { seq: Number(seq), settledAt: settledAt === undefined ? null : Number(settledAt) };
}
