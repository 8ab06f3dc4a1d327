import { isFinal, isOutage, LeaseLost, PlatformError, sentenceOf } from "../errors.ts";
import type { JsonObject } from "../job.ts";
import type { Platform } from "../platforms/platform.ts";
import { type ClaimedJob, type Inbox, LONGEST_WAIT_MS, type Settlement } from "../store/store.ts";
import type { Verdict } from "./admission.ts";
import { backoffMs } from "./backoff.ts";

/** With the longest back-off of a minute, enough for a platform that is away for more than an hour. */
const MOST_ATTEMPTS = 100;

export type Attempt = {
  /** null: the job is no longer ours to settle. */
  settlement: Settlement | null;
  /** How far the job has come, whether or not that could be kept yet. */
  progress: JsonObject;
  /** What it says about the platform. */
  verdict: Verdict;
};

/** Lets the platform work on the job once. Never rejects: whatever happens, there is a settlement. */
export async function attempt(
  job: ClaimedJob,
  platform: Platform,
  inbox: Inbox,
  random: () => number,
): Promise<Attempt> {
  let progress = job.progress;
  const save = (next: JsonObject) => {
    progress = next;
    return inbox.saveProgress(job, next);
  };
  try {
    const outcome = await platform.handle(job, save);
    return { settlement: { state: "done", outcome }, progress, verdict: "answered" };
  } catch (error) {
    return { settlement: settlementAfter(error, job, random), progress, verdict: verdictOf(error) };
  }
}

function settlementAfter(error: unknown, job: ClaimedJob, random: () => number): Settlement | null {
  if (error instanceof LeaseLost) return null;
  const failure = error instanceof PlatformError ? error : null;
  const sentence = sentenceOf(error);
  if (isFinal(error)) return { state: "dead", error: sentence };
  if (job.attempts >= MOST_ATTEMPTS && !failure?.mustSucceed) {
    return { state: "dead", error: `Given up after ${job.attempts} attempts: ${sentence}` };
  }
  const waitMs = Math.min(backoffMs(job.attempts, failure?.retryAfterMs ?? null, random), LONGEST_WAIT_MS);
  return { state: "waiting", error: sentence, afterMs: waitMs };
}

/** Only what tells of the platform as a whole slows it down. */
function verdictOf(error: unknown): Verdict {
  if (error instanceof PlatformError && error.type === "held") return "not_asked";
  return isOutage(error) ? "failing" : "answered";
}
