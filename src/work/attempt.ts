import { isFinal, isOutage, LeaseLost, PlatformError, sentenceOf } from "../errors.ts";
import type { JsonObject } from "../job.ts";
import type { Platform } from "../platforms/platform.ts";
import {
  type AttemptCalls,
  type ClaimedJob,
  type Inbox,
  LONGEST_WAIT_MS,
  type Settlement,
} from "../store/store.ts";
import type { Verdict } from "./admission.ts";
import { recordCalls } from "./attempt-calls.ts";

/** With a back-off of up to a minute, enough to outlast an outage of more than an hour. With a shorter one it takes more. */
const MOST_ATTEMPTS = 100;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 60_000;

export type Attempt = {
  /** null: the job is no longer ours to settle. */
  settlement: Settlement | null;
  /** How far the job has come, even if that could not be saved yet. */
  progress: JsonObject;
  /** The calls that it made. */
  calls: AttemptCalls;
  /** What the attempt says about the platform. */
  verdict: Verdict;
};

/** Lets the platform work on the job once. Never rejects: a failure is part of the result. `longestMs`: as in `backoffMs`. */
export async function attempt(
  job: ClaimedJob,
  platform: Platform,
  inbox: Inbox,
  random: () => number,
  longestMs = LONGEST_BACKOFF_MS,
): Promise<Attempt> {
  let progress = job.progress;
  const save = (next: JsonObject) => {
    progress = next;
    return inbox.saveProgress(job, next);
  };
  const { done, calls } = recordCalls(async () => platform.handle(job, save));
  try {
    const outcome = await done;
    return { settlement: { state: "done", outcome }, progress, calls: calls(), verdict: "answered" };
  } catch (error) {
    const settlement = settlementAfter(error, job, random, longestMs);
    return { settlement, progress, calls: calls(), verdict: verdictOf(error) };
  }
}

function settlementAfter(
  error: unknown,
  job: ClaimedJob,
  random: () => number,
  longestMs: number,
): Settlement | null {
  if (error instanceof LeaseLost) return null;
  const failure = error instanceof PlatformError ? error : null;
  const sentence = sentenceOf(error);
  if (isFinal(error)) return { state: "dead", error: sentence };
  const mostAttempts = Math.ceil((MOST_ATTEMPTS * LONGEST_BACKOFF_MS) / longestMs);
  if (job.attempts >= mostAttempts && !failure?.mustSucceed) {
    return { state: "dead", error: `Given up after ${job.attempts} attempts: ${sentence}` };
  }
  const backoff = backoffMs(job.attempts, failure?.retryAfterMs ?? null, random, longestMs);
  const waitMs = Math.min(backoff, LONGEST_WAIT_MS);
  return { state: "waiting", error: sentence, afterMs: waitMs };
}

/**
 * Milliseconds until the next attempt after `attempts` failed ones: 250 ms, doubling to `longestMs`, less a random part of up
 * to half, so that jobs that failed together do not all come back together. Never less than the platform asked for; the
 * caller cuts that to LONGEST_WAIT_MS, since the call gate keeps a longer pause.
 */
export function backoffMs(
  attempts: number,
  retryAfterMs: number | null,
  random: () => number,
  longestMs = LONGEST_BACKOFF_MS,
): number {
  const step = Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(attempts - 1, 20), longestMs);
  const jittered = step * (0.5 + random() / 2);
  return Math.round(retryAfterMs === null ? jittered : retryAfterMs + jittered / 10);
}

/**
 * Only failures of the kind that an outage causes (no answer, a 5xx, too many requests) slow jobs down. Only a
 * PlatformError tells how a call went; any other error may have come before the first call.
 */
function verdictOf(error: unknown): Verdict {
  if (!(error instanceof PlatformError) || !error.wasAsked) return "not_asked";
  return isOutage(error) ? "failing" : "answered";
}
