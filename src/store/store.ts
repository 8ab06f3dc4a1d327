import type { Job, JsonObject, NewJob, PlatformName } from "../platforms/platform.ts";

/**
 * waiting: to be done, now or at its next attempt; working: leased to a worker;
 * done: nothing left to do; dead: given up, kept for an operator to see.
 */
export const JOB_STATES = ["waiting", "working", "done", "dead"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A job in hand. Only who holds the current lease may settle it. */
export type ClaimedJob = Job & { readonly lease: string };

export type Claim = {
  /** Who claims. What it has in hand it never gets a second time, however long ago its lease ran out. */
  readonly owner: string;
  /** Milliseconds after which somebody else may claim the jobs. */
  readonly leaseMs: number;
  /** At most so many jobs in all. */
  readonly limit: number;
  /** Whose jobs are wanted, and how many of each at most. Others are not looked at. */
  readonly platforms: readonly { readonly name: PlatformName; readonly most: number }[];
  /** How many more jobs of a quota may be begun now. Asked only of quotas that have one due. */
  readonly roomFor: (platform: PlatformName, quota: string) => number;
};

/**
 * No job waits longer than this for its next attempt; a longer pause is its quota's hold. One that seems to wait longer was
 * settled before the clock was set back, and is due.
 */
export const LONGEST_WAIT_MS = 60_000;

/** How one attempt at a job ended; `afterMs`: milliseconds until the next one, at most LONGEST_WAIT_MS. */
export type Settlement =
  | { readonly state: "done"; readonly outcome: string }
  | { readonly state: "dead"; readonly error: string }
  | { readonly state: "waiting"; readonly error: string; readonly afterMs: number };

/**
 * The jobs we have promised to do. Whatever resolves is on disk; whatever rejects has changed nothing. Times are durations
 * in ms, by the store's own clock. No method takes longer for what waits, is held, or is settled.
 * Every method may throw StoreError.
 */
export type Inbox = {
  /** Keeps the jobs whose keys, former ones included, are new: all or none of them. Says how many those were. */
  accept(jobs: readonly NewJob[]): Promise<number>;
  /**
   * Leases due jobs and counts the attempt. Platforms share, quotas take turns; within a quota what has been due longest
   * comes first, within a lane one at a time and in order. Quotas that are held have no turn.
   */
  claim(claim: Claim): Promise<ClaimedJob[]>;
  /** Keeps how far the job has come. Throws LeaseLost. */
  saveProgress(job: ClaimedJob, progress: JsonObject): Promise<void>;
  /** Ends the attempt and keeps the progress with it; the next of the lane may be claimed. Throws LeaseLost. */
  settle(job: ClaimedJob, settlement: Settlement, progress: JsonObject): Promise<void>;
  /** Gives a job back before its attempt has ended: it may be claimed again at once. The attempt stays counted. */
  release(job: ClaimedJob): Promise<void>;
  /** The same with all that this owner has in hand. Says how many. */
  releaseAll(owner: string): Promise<number>;
  /** Takes back what owners that are gone had in hand; for the start. Says how many. */
  recover(): Promise<number>;
  /** Milliseconds until the next job of these platforms can be claimed by this owner, at least 0; null when none waits. */
  nextDueInMs(owner: string, platforms: readonly PlatformName[]): Promise<number | null>;
  /** Deletes at most `limit` jobs settled more than `olderThanMs` ago, dead ones too. Says how many. */
  prune(olderThanMs: number, limit: number): Promise<number>;
};

/** A job as an operator sees it. Times in ms since 1970. */
export type JobRecord = Job & {
  readonly state: JobState;
  /** When it may be claimed next; only of use while it waits. */
  readonly nextAttemptAt: number;
  readonly settledAt: number | null;
  /** What came of it, once done. */
  readonly outcome: string | null;
  /** Why the last attempt that failed did. */
  readonly lastError: string | null;
};

/** The inbox in the hands of an operator. */
export type InboxDesk = {
  countByState(): Promise<Record<JobState, number>>;
  /** For how many milliseconds the job that has waited longest has done so; null when none waits. */
  longestWaitMs(): Promise<number | null>;
  /** The newest first, at most `limit`. */
  list(filter: { state: JobState | null; limit: number }): Promise<JobRecord[]>;
  find(key: string): Promise<JobRecord | null>;
  /** Puts a dead job back, as if it had been accepted now; false when there is no such dead job. */
  retry(key: string): Promise<boolean>;
  /** Puts all dead jobs back; says how many. */
  retryAllDead(): Promise<number>;
  /** Forgets a job that is not being worked on; false when there is none. */
  drop(key: string): Promise<boolean>;
};

export type Credentials = {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** What the platform puts into each delivery to prove where it comes from. */
  readonly webhookSecret: string;
};

/** One chat.io license that the Pizza BOT is installed on. */
export type Installation = {
  readonly licenseId: number;
  readonly botId: string;
  /** null: they were encrypted with another client secret and cannot be read. */
  readonly credentials: Credentials | null;
  /** When the tokens were handed out, and when the access token expires; ms since 1970. */
  readonly obtainedAt: number;
  readonly expiresAt: number;
  /** False between a renewal and the bot agent's update with the new token. */
  readonly botIsCurrent: boolean;
  /** True once only a new consent can bring it back to work: its tokens are refused for good, or its bot agent is gone. */
  readonly needsReinstall: boolean;
  /** True once the platform has said that there is no such bot agent; the installation then needs a reinstall. */
  readonly botIsGone: boolean;
  /** Where the bot agent was last told to send its webhooks; empty when that is not known. */
  readonly webhookUrl: string;
};

export type ReadableInstallation = Installation & { readonly credentials: Credentials };

/**
 * Several processes use one database, so whoever changes what it has read holds the license's lease meanwhile, and
 * replaces only what it has read. Every method may throw StoreError.
 */
export type Installations = {
  /** Adds the installation, or replaces the one of the same license, whatever that is: for a new consent. */
  save(installation: ReadableInstallation): Promise<void>;
  /** Replaces the license's installation while its credentials are the expected ones; false when they are not, or it is gone. */
  replace(installation: ReadableInstallation, expected: Credentials): Promise<boolean>;
  find(licenseId: number): Promise<Installation | null>;
  /** By webhook secret; works for one whose credentials cannot be read, too. */
  findBySecret(webhookSecret: string): Promise<Installation | null>;
  /** Ordered by license. */
  list(): Promise<Installation[]>;
  /** Forgets the license; false when it was not known. */
  remove(licenseId: number): Promise<boolean>;
  /**
   * Takes the license's lease, installed or not, or extends it: true when `owner` has it for the next `leaseMs`
   * milliseconds, false while another owner has it. Each process is an owner of its own; the lease outlives it by `leaseMs`.
   */
  lease(licenseId: number, owner: string, leaseMs: number): Promise<boolean>;
  /** Gives the lease back, where `owner` has it. */
  release(licenseId: number, owner: string): Promise<void>;
};

/** asked: the platform wants no call (Retry-After). failing: its calls fail, and it is tried only now and then. */
export const HOLD_REASONS = ["asked", "failing"] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** Why a quota has no turns; `ms` until it has one again, 0 when that is over, `pauseMs` in all. */
export type Hold = {
  readonly quota: string;
  readonly reason: HoldReason;
  readonly pauseMs: number;
  readonly ms: number;
};

/** Pauses by quota; jobs of a quota that is held have no turn. Every method may throw StoreError. */
export type Holds = {
  /** Holds the quota for so many milliseconds from now; of two holds for a reason the one that ends later counts. */
  hold(quota: string, reason: HoldReason, forMs: number): Promise<void>;
  /** Ends the hold. */
  lift(quota: string, reason: HoldReason): Promise<void>;
  /** For how many milliseconds more the platform wants no call of the quota; 0 when it has asked for no pause. */
  askedMs(quota: string): Promise<number>;
  /** Those that last, and for "failing" those that are over, too, since nothing has succeeded yet. */
  list(): Promise<Hold[]>;
};

export type Store = {
  readonly inbox: Inbox;
  readonly desk: InboxDesk;
  readonly installations: Installations;
  readonly holds: Holds;
  /** Writes so many bytes, or else a few, to see whether writing works. Throws StoreError. */
  check(bytes?: number): Promise<void>;
  close(): Promise<void>;
};
