import type { Job, JsonObject, NewJob, PlatformName } from "../job.ts";
import type { InstallationCounts } from "./installation-state.ts";

/** waiting: for its next attempt; working: leased to a worker; done: nothing left to do; dead: given up, kept for an operator. */
export const JOB_STATES = ["waiting", "working", "done", "dead"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A job in hand. Only who holds the current lease may settle it. */
export type ClaimedJob = Job & { readonly lease: string };

/** The name under which a platform pauses as a whole, beside its quotas. */
export function platformPause(platform: PlatformName): string {
  return `platform ${platform}`;
}

export type Claim = {
  /** Who claims. It never gets a job that it still has in hand, even after the lease has run out. */
  readonly owner: string;
  /** Milliseconds after which somebody else may claim the jobs. */
  readonly leaseMs: number;
  /** At most this many jobs in all. */
  readonly limit: number;
  /** Jobs of these platforms only, and at most so many of each. */
  readonly platforms: readonly { readonly name: PlatformName; readonly most: number }[];
  /** How many more jobs of a quota may begin now. Asked only for quotas with a due job. */
  readonly roomFor: (platform: PlatformName, quota: string) => number;
};

/** No job waits longer for its next attempt; one that seems to was settled before the clock was set back, and is due. */
export const LONGEST_WAIT_MS = 60_000;

/** How one attempt at a job ended; `afterMs`: milliseconds until the next one, at most LONGEST_WAIT_MS. */
export type Settlement =
  | { readonly state: "done"; readonly outcome: string }
  | { readonly state: "dead"; readonly error: string }
  | { readonly state: "waiting"; readonly error: string; readonly afterMs: number };

/** Attempts that a job remembers, and the characters of a sentence that are kept: what goes wrong for days must not pile up. */
export const ATTEMPTS_KEPT = 20;
export const LONGEST_SENTENCE = 500;

/**
 * The jobs we have promised to do. Whatever resolves is on disk; whatever rejects has changed nothing. Times are durations
 * in ms, by the store's own clock. No method takes longer the more jobs wait, are held, or are settled.
 * Every method may throw StoreError.
 */
export type Inbox = {
  /** Keeps the jobs whose keys, former ones included, are new: all or none of them. Returns how many. */
  accept(jobs: readonly NewJob[]): Promise<number>;
  /**
   * Leases due jobs and counts the attempt. Platforms share, quotas take turns; within a quota what has been due longest
   * comes first, within a lane one at a time and in order. Quotas that are held have no turn.
   */
  claim(claim: Claim): Promise<ClaimedJob[]>;
  /** Keeps how far the job has come. Throws LeaseLost. */
  saveProgress(job: ClaimedJob, progress: JsonObject): Promise<void>;
  /**
   * Ends the attempt, which has taken so many ms, and keeps the progress with it; the next of the lane may be claimed. The
   * job remembers its last ATTEMPTS_KEPT attempts. Throws LeaseLost.
   */
  settle(job: ClaimedJob, settlement: Settlement, progress: JsonObject, tookMs?: number): Promise<void>;
  /** Gives a job back before its attempt has ended: it may be claimed again at once. The attempt stays counted. */
  release(job: ClaimedJob): Promise<void>;
  /** Gives back all jobs that this owner has in hand. Returns how many. */
  releaseAll(owner: string): Promise<number>;
  /** At the start: takes back the jobs of owners that are gone. Returns how many. */
  recover(): Promise<number>;
  /** Milliseconds until the next job of these platforms can be claimed by this owner, at least 0; null when none waits. */
  nextDueInMs(owner: string, platforms: readonly PlatformName[]): Promise<number | null>;
  /** Deletes at most `limit` jobs settled more than `olderThanMs` ago, dead ones too. Returns how many. */
  prune(olderThanMs: number, limit: number): Promise<number>;
};

/** One attempt that has ended: when it began (ms since 1970), how long it took, how it left the job, and what came of it. */
export type PastAttempt = {
  readonly startedAt: number;
  readonly ms: number;
  readonly end: Settlement["state"];
  /** At most LONGEST_SENTENCE characters. */
  readonly says: string;
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
  /** True while another job stands before it in its lane. */
  readonly isBehind: boolean;
  /** The last attempts, the oldest first; those that ended with their process are not among them. */
  readonly history: readonly PastAttempt[];
};

/** The inbox in the hands of an operator. */
export type InboxDesk = {
  countByState(): Promise<Record<JobState, number>>;
  /** How many jobs of each platform wait or are in hand; a platform without any may be absent. */
  countUnsettled(): Promise<Readonly<Record<PlatformName, number>>>;
  /** In how many lanes of the quota a job waits or is in hand; counted up to `atMost`. */
  countUnsettledLanes(quota: string, atMost: number): Promise<number>;
  /** For how many milliseconds the job that has waited longest has done so; null when none waits. */
  longestWaitMs(): Promise<number | null>;
  /** The newest first, at most `limit`. */
  list(filter: { state: JobState | null; limit: number }): Promise<JobRecord[]>;
  find(key: string): Promise<JobRecord | null>;
  /** Puts a dead job back, as if it had been accepted now, with its history; false when there is no such dead job. */
  retry(key: string): Promise<boolean>;
  /** Puts all dead jobs back. Returns how many. */
  retryAllDead(): Promise<number>;
  /** Forgets a job that is not being worked on; false when there is none. */
  drop(key: string): Promise<boolean>;
};

/** What a platform keeps secret about an account, its tokens for instance: encrypted as one. */
export type Credentials = Readonly<Record<string, string>>;

/** One account of a platform, say a license or an organization, that the bot is installed on. */
export type Installation = {
  readonly platform: PlatformName;
  /** As the platform names it; never empty. */
  readonly account: string;
  readonly botId: string;
  /** null: they were encrypted with another secret and cannot be read. */
  readonly credentials: Credentials | null;
  /** What `findByLookup` finds it by, unique on its platform. Not encrypted: of a secret only the fingerprint. */
  readonly lookup: string | null;
  /** What else the platform remembers, not encrypted. */
  readonly details: JsonObject;
  /** When the tokens were handed out, and when the access token expires; ms since 1970. */
  readonly obtainedAt: number;
  readonly expiresAt: number;
  /** False between a renewal and the bot's update with the new token. */
  readonly botIsCurrent: boolean;
  /** True once only a new consent can bring it back to work: its tokens are refused for good, or its bot is gone. */
  readonly needsReinstall: boolean;
  /** True once the platform has said that there is no such bot; the installation then needs a reinstall. */
  readonly botIsGone: boolean;
  /** Where the bot was last told to send its webhooks; empty when that is not known. */
  readonly webhookUrl: string;
};

export type ReadableInstallation = Installation & { readonly credentials: Credentials };

/** `dueAt`, ms since 1970: since when it has been due; 0: cannot wait; in the future: its tokens seem to be from there. */
export type DueAccount = { readonly account: string; readonly dueAt: number };

export type DueQuery = {
  /** null: from the start. */
  readonly after: DueAccount | null;
  readonly limit: number;
  /** Tokens handed out further than this in the future are due, too: the clock was set back, and nobody knows their age. */
  readonly clockToleranceMs: number;
};

/**
 * The installations of one platform. Several processes use one database, so whoever changes what it has read holds the
 * account's lease meanwhile, and replaces only what it has read. Every method may throw StoreError.
 */
export type Installations = {
  /** Adds the installation, or replaces the account's, whatever that is: for a new consent. */
  save(installation: ReadableInstallation): Promise<void>;
  /** Replaces the account's installation while its credentials are the expected ones; false when they are not, or it is gone. */
  replace(installation: ReadableInstallation, expected: Credentials): Promise<boolean>;
  find(account: string): Promise<Installation | null>;
  /** Works for one whose credentials cannot be read, too. */
  findByLookup(lookup: string): Promise<Installation | null>;
  /** In the order of the accounts, numbers by their value. For people: reads and decrypts them all, in slices. */
  list(): Promise<Installation[]>;
  /**
   * Working accounts that need care by the database's clock: the bot is not current, or the tokens are to be renewed (the
   * platform's `isDue` says when). By `dueAt`, then by account. Reads no others.
   */
  due(query: DueQuery): Promise<DueAccount[]>;
  /** The first `limit` working accounts after that one (null: from the start), as text. Reads no others. */
  working(query: { after: string | null; limit: number }): Promise<string[]>;
  /** How many there are in each state. Takes no longer the more there are. */
  countByState(): Promise<InstallationCounts>;
  /** How many bots were last told to send their webhooks to another address; as fast. */
  countElsewhere(webhookUrl: string): Promise<number>;
  /** When the first access token of a working installation expires, in ms since 1970; null where there is none. As fast. */
  nextExpiry(): Promise<number | null>;
  /** Forgets the account; false when it was not known. */
  remove(account: string): Promise<boolean>;
  /**
   * Takes the account's lease, installed or not, or extends it: true when `owner` has it for the next `leaseMs`
   * milliseconds, false while another owner has it. Each process is an owner of its own; the lease outlives it by `leaseMs`.
   */
  lease(account: string, owner: string, leaseMs: number): Promise<boolean>;
  /** Gives the lease back, where `owner` has it. */
  release(account: string, owner: string): Promise<void>;
};

/** The installations of all platforms. Every method may throw StoreError. */
export type AllInstallations = {
  /** Those of one platform: no other's are seen, counted or changed by it. */
  of(platform: PlatformName): Installations;
  /** Of each platform that has any; as fast as one platform's. */
  countByState(): Promise<ReadonlyMap<PlatformName, InstallationCounts>>;
  /** By platform, then as each platform's list. */
  list(): Promise<Installation[]>;
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
  /** For how many milliseconds more the platform wants no call; 0 when that is over, null when no hold is kept. */
  askedMs(quota: string): Promise<number | null>;
  /** Those that last, and for "failing" those that are over, too, since nothing has succeeded yet. */
  list(): Promise<Hold[]>;
};

/** Tells the processes on one database that something outside it has changed, webhooks for instance. */
export type News = {
  /** Says that something has changed. Throws StoreError. */
  tell(): Promise<void>;
  /** How often that was said; a number other than last time is news. Throws StoreError. */
  count(): Promise<number>;
};

export type Store = {
  readonly inbox: Inbox;
  readonly desk: InboxDesk;
  readonly installations: AllInstallations;
  readonly holds: Holds;
  readonly news: News;
  /** Writes so many bytes, or else a few, to see whether writing works. Throws StoreError. */
  check(bytes?: number): Promise<void>;
  close(): Promise<void>;
};
