import type { JsonObject, NewJob, PlatformName } from "../job.ts";
import type { InstallationCounts } from "./installation-state.ts";
import type { AttemptCalls, ClaimedJob, JobFilter, JobRecord, JobState, Settlement } from "./jobs.ts";
import type { Findings, MinuteCounts, News, Servers } from "./servers.ts";

export * from "./jobs.ts";
export * from "./servers.ts";

/** The quota name by which a platform pauses as a whole. */
export function platformPauseName(platform: PlatformName): string {
  return `platform ${platform}`;
}

export type Claim = {
  /** Who claims. Jobs that this owner already holds are skipped, even if their lease has run out. */
  readonly owner: string;
  /** Milliseconds until others may claim the jobs. */
  readonly leaseMs: number;
  /** Most jobs in all. */
  readonly limit: number;
  /** Only jobs of these platforms, and the most of each. */
  readonly platforms: readonly { readonly name: PlatformName; readonly most: number }[];
  /** How many more jobs of a quota may start now. Called only for quotas with a due job. */
  readonly roomFor: (platform: PlatformName, quota: string) => number;
};

/**
 * The jobs we have promised to do. What a resolved method has changed is kept; a rejected one has changed nothing. A power
 * cut may undo a claim, and the end of an attempt: the job goes on from its saved progress. Times are durations in ms, by the
 * store's own clock. No method gets slower as jobs pile up. Each may throw StoreError.
 */
export type Inbox = {
  /** Keeps all new jobs in one commit; returns how many. A job is new if neither its key nor its former key is known. */
  accept(jobs: readonly NewJob[]): Promise<number>;
  /**
   * Leases due jobs and counts the attempt. Platforms get equal shares. Quotas take turns; those that are held are skipped.
   * Within a quota the job due longest goes first, one job per lane at a time.
   */
  claim(claim: Claim): Promise<ClaimedJob[]>;
  /** Saves how far the job has come. Throws LeaseLost. */
  saveProgress(job: ClaimedJob, progress: JsonObject): Promise<void>;
  /**
   * Ends the attempt, which took `tookMs` milliseconds and made these calls, and saves its progress. The next job of the
   * lane may then be claimed. Throws LeaseLost.
   */
  settle(
    job: ClaimedJob,
    settlement: Settlement,
    progress: JsonObject,
    tookMs?: number,
    calls?: AttemptCalls,
  ): Promise<void>;
  /** Gives back all jobs that this owner has in hand; their attempts stay counted. Returns how many. */
  releaseAll(owner: string): Promise<number>;
  /** At the start: gives back all jobs in hand, since their owners are gone. Returns how many. */
  recover(): Promise<number>;
  /** Milliseconds until this owner can claim a job of these platforms, at least 0; null if none waits. */
  nextDueInMs(owner: string, platforms: readonly PlatformName[]): Promise<number | null>;
  /** Deletes at most `limit` jobs settled more than `olderThanMs` ago, dead ones too. Returns how many. */
  prune(olderThanMs: number, limit: number): Promise<number>;
};

/** The inbox as an operator uses it. */
export type InboxDesk = {
  /** All jobs, or those of a platform. */
  countByState(platform?: PlatformName): Promise<Record<JobState, number>>;
  /** How many jobs of each platform wait or are in hand; a platform without any may be missing. */
  countUnsettled(): Promise<Readonly<Record<PlatformName, number>>>;
  /** In how many lanes of the quota a job waits or is in hand; counted up to `atMost`. */
  countUnsettledLanes(quota: string, atMost: number): Promise<number>;
  /** Age of the job that has waited longest, in ms; null if none waits. */
  longestWaitMs(): Promise<number | null>;
  /** Unsettled jobs, the last accepted first; then settled ones, the last settled first. At most `limit`. */
  list(filter: JobFilter): Promise<JobRecord[]>;
  find(key: string): Promise<JobRecord | null>;
  /** Makes a dead job wait again as if accepted now, with its history and a record of when it was accepted at first; false if there is no such dead job. */
  retry(key: string): Promise<boolean>;
  /** Does so with all dead jobs. Returns how many. */
  retryAllDead(): Promise<number>;
  /** Deletes a job that is not in hand; false if there is none. */
  drop(key: string): Promise<boolean>;
};

/** A platform's secrets about an account, such as tokens; encrypted together. */
export type Credentials = Readonly<Record<string, string>>;

/** Our record of the bot on one account of a platform, such as a license or an organization. */
export type Installation = {
  readonly platform: PlatformName;
  /** As the platform names it; never empty. */
  readonly account: string;
  readonly botId: string;
  /** null: they were encrypted with another secret, and cannot be read. */
  readonly credentials: Credentials | null;
  /** Key for `findByLookup`, unique per platform. Stored in clear, so for a secret only its fingerprint. */
  readonly lookup: string | null;
  /** Anything else that the platform keeps, in clear. */
  readonly details: JsonObject;
  /** When the tokens were issued, and when the access token expires; ms since 1970. */
  readonly obtainedAt: number;
  readonly expiresAt: number;
  /** False from a renewal until the bot has the new token. */
  readonly botIsCurrent: boolean;
  /** True if only a new consent makes it work again: its tokens are refused for good, or its bot is gone. */
  readonly needsReinstall: boolean;
  /** True once the platform has said that its bot does not exist; it then needs a reinstall. */
  readonly botIsGone: boolean;
  /** Where the bot was last told to send its webhooks; empty if that is not known. */
  readonly webhookUrl: string;
};

export type InstallationWithCredentials = Installation & { readonly credentials: Credentials };

export type DueAccount = {
  readonly account: string;
  /** Due since this time (ms since 1970); 0: at once. Tokens dated in the future, by a clock since set back, have a future one. */
  readonly dueAt: number;
};

export type DueQuery = {
  /** null: from the start. */
  readonly after: DueAccount | null;
  readonly limit: number;
  /** Tokens dated further in the future than this are due as well: the clock was set back, so their age is unknown. */
  readonly clockToleranceMs: number;
};

/**
 * The installations of one platform. Several processes use one database, so whoever changes what it has read holds the
 * account's lease meanwhile, and replaces it only if it is unchanged. Counting takes the same time however many there are.
 * Every method may throw StoreError.
 */
export type Installations = {
  /** Adds the installation or overwrites the account's, unconditionally. Used after a new consent. */
  save(installation: InstallationWithCredentials): Promise<void>;
  /** Replaces the account's installation if its credentials are the expected ones; else false, also if it is gone. */
  replace(installation: InstallationWithCredentials, expected: Credentials): Promise<boolean>;
  find(account: string): Promise<Installation | null>;
  /** Also finds one whose credentials cannot be read. */
  findByLookup(lookup: string): Promise<Installation | null>;
  /** Sorted by account, numbers by value. Slow, only for people: reads and decrypts all of them, in slices. */
  list(): Promise<Installation[]>;
  /**
   * Working accounts whose bot is not current, or whose tokens are to be renewed, by the database's clock and the rule of
   * `isDue` (platforms/keyword-bot/lifetime.ts). By `dueAt`, then by account. Reads no others.
   */
  due(query: DueQuery): Promise<DueAccount[]>;
  /** The first `limit` working accounts after that one (null: from the start), as text. Reads no others. */
  working(query: { after: string | null; limit: number }): Promise<string[]>;
  /** How many there are in each state. */
  countByState(): Promise<InstallationCounts>;
  /** How many bots were last told to send their webhooks to another address. */
  countElsewhere(webhookUrl: string): Promise<number>;
  /** When the first access token of a working installation expires, in ms since 1970; null if there is none. */
  nextExpiry(): Promise<number | null>;
  /** Deletes the installation; false if there was none. */
  remove(account: string): Promise<boolean>;
  /**
   * Takes or extends the lease of an account, installed or not: true if `owner` has it for the next `leaseMs` milliseconds,
   * false while another owner has it. Each process is an owner; its lease outlives it by at most `leaseMs`.
   */
  lease(account: string, owner: string, leaseMs: number): Promise<boolean>;
  /** Gives the lease back, if `owner` has it. */
  release(account: string, owner: string): Promise<void>;
};

/** The installations of all platforms. Every method may throw StoreError. */
export type AllInstallations = {
  /** Those of one platform; no others are read, counted or changed. */
  of(platform: PlatformName): Installations;
  /** How many there are in each state, of each platform that has any. */
  countByState(): Promise<ReadonlyMap<PlatformName, InstallationCounts>>;
  /** By platform, then in the order of `Installations.list`. */
  list(): Promise<Installation[]>;
};

/** asked: the platform asked for no calls (Retry-After). failing: its calls fail, so it is only probed. */
export const HOLD_REASONS = ["asked", "failing"] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** A pause of a quota. */
export type Hold = {
  readonly quota: string;
  readonly reason: HoldReason;
  /** Milliseconds from its start to its end. */
  readonly pauseMs: number;
  /** Milliseconds left; 0 once it is over. */
  readonly ms: number;
};

/** Pauses of quotas; jobs of a held quota are not claimed. Every method may throw StoreError. */
export type Holds = {
  /** Holds the quota for so many milliseconds from now; of two holds for one reason, the later end counts. */
  hold(quota: string, reason: HoldReason, forMs: number): Promise<void>;
  /** Ends the hold. */
  lift(quota: string, reason: HoldReason): Promise<void>;
  /** For how many more milliseconds the platform wants no calls; 0 once that is over, null if there is no such hold. */
  askedMs(quota: string): Promise<number | null>;
  /** All holds that still last. Also "failing" ones that are over, until a call shows that the quota works again. */
  list(): Promise<Hold[]>;
};

export type Store = {
  readonly inbox: Inbox;
  readonly desk: InboxDesk;
  readonly installations: AllInstallations;
  readonly holds: Holds;
  readonly news: News;
  readonly servers: Servers;
  readonly findings: Findings;
  readonly minutes: MinuteCounts;
  /** Checks that a delivery could be kept now, by writing something. Throws StoreError if not. */
  check(): Promise<void>;
  close(): Promise<void>;
};
