import type { Job, PlatformName } from "../job.ts";

/** waiting: for its next attempt; working: leased to a worker; done: nothing left to do; dead: given up, kept for an operator. */
export const JOB_STATES = ["waiting", "working", "done", "dead"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A job in hand. Only the holder of the current lease may settle it. */
export type ClaimedJob = Job & { readonly lease: string };

/** The longest wait for the next attempt. If a job's time is further off, the clock was set back: the job is due now. */
export const LONGEST_WAIT_MS = 60_000;

/** How an attempt ended; `afterMs`: milliseconds until the next one, at most LONGEST_WAIT_MS. */
export type Settlement =
  | { readonly state: "done"; readonly outcome: string }
  | { readonly state: "dead"; readonly error: string }
  | { readonly state: "waiting"; readonly error: string; readonly afterMs: number };

/** Most attempts kept per job and characters per sentence, so that a job that fails for days does not grow. */
export const ATTEMPTS_KEPT = 20;
export const LONGEST_SENTENCE = 500;

/** Most calls kept per attempt: the last ones, since a failure ends an attempt. */
export const CALLS_KEPT = 12;

/** For how many milliseconds a settled job is kept, so that a repeated delivery is recognized. */
export const SETTLED_KEPT_MS = 7 * 24 * 3_600_000;

/** A call to the platform that an attempt has made. */
export type AttemptCall = {
  /** As in the metrics, e.g. "send_event"; never an address or a text. */
  readonly name: string;
  readonly ms: number;
  /** HTTP status of the answer; null: there was none. */
  readonly status: number | null;
};

/** The calls of an attempt in the order in which they ended. */
export type AttemptCalls = {
  /** The last ones, at most CALLS_KEPT. */
  readonly last: readonly AttemptCall[];
  /** How many ended before these. */
  readonly before: number;
};

export const NO_CALLS: AttemptCalls = { last: [], before: 0 };

/** An attempt that has ended. It began at `startedAt` (ms since 1970) and took `ms` milliseconds. */
export type PastAttempt = {
  readonly startedAt: number;
  readonly ms: number;
  /** How it left the job. */
  readonly end: Settlement["state"];
  /** Its outcome or error, at most LONGEST_SENTENCE characters. */
  readonly says: string;
  /** None if an earlier release has written it. */
  readonly calls: AttemptCalls;
};

/**
 * A job as an operator sees it: accepted when it was delivered, and with all its attempts, however often it was put back.
 * Times in ms since 1970.
 */
export type JobRecord = Job & {
  /** When an operator put it back last, from which its age counts; null: never. */
  readonly putBackAt: number | null;
  /** Its place in lists, to be handed back in a JobFilter. It changes with the state. */
  readonly position: string;
  readonly state: JobState;
  /** When it may be claimed next; has a meaning only while it waits. */
  readonly nextAttemptAt: number;
  readonly settledAt: number | null;
  /** What was done, once it is done. */
  readonly outcome: string | null;
  /** Why the last failed attempt failed. */
  readonly lastError: string | null;
  /** True while another job is before it in its lane. */
  readonly isBehind: boolean;
  /** Name of the server that has it in hand; null if none has. */
  readonly server: string | null;
  /** The last attempts, the oldest first, without those that ended with their process. */
  readonly history: readonly PastAttempt[];
};

/** Selects jobs for a list. */
export type JobFilter = {
  /** null: any. */
  readonly state: JobState | null;
  /** Only those of a platform, or of any of these quotas. Default: all. */
  readonly of?: { readonly platform: PlatformName } | { readonly quotas: readonly string[] };
  /** Only those that come after, or directly before, this position. One that is none is ignored. */
  readonly from?: { readonly olderThan: string } | { readonly newerThan: string };
  readonly limit: number;
};
