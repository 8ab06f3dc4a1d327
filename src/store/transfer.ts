import { createHash } from "node:crypto";
import type { JobState } from "./jobs.ts";
import type { HoldReason } from "./store.ts";

// What a store hands over when everything in it moves to another one: rows that are the same in every store. Texts stay as they
// are kept, JSON and encrypted credentials included, so that no key is needed. Leases do not move: a job in hand is waiting.

/** In the order of `seq`, the order in which jobs were accepted. Times in ms since 1970. */
export type MovedJob = {
  readonly seq: number;
  readonly key: string;
  readonly platform: string;
  readonly lane: string;
  readonly quota: string;
  readonly payload: string;
  readonly progress: string;
  readonly state: Exclude<JobState, "working">;
  readonly attempts: number;
  readonly acceptedAt: number;
  /** Before it was put back; null: it never was. */
  readonly firstAcceptedAt: number | null;
  /** Those before it was put back. */
  readonly earlierAttempts: number;
  /** 0 once it is settled. */
  readonly nextAttemptAt: number;
  readonly settledAt: number | null;
  readonly outcome: string | null;
  readonly lastError: string | null;
  /** An attempt each, as JSON. */
  readonly history: readonly string[];
};

/** In the order of platform and account, by their bytes. */
export type MovedInstallation = {
  readonly platform: string;
  readonly account: string;
  readonly botId: string;
  readonly lookup: string | null;
  /** Still encrypted. */
  readonly credentials: Uint8Array;
  readonly sealedWith: string;
  readonly details: string;
  readonly obtainedAt: number;
  readonly expiresAt: number;
  readonly botIsCurrent: boolean;
  readonly needsReinstall: boolean;
  readonly botIsGone: boolean;
  readonly webhookUrl: string;
};

/** In the order of quota and reason, by their bytes. */
export type MovedHold = {
  readonly quota: string;
  readonly reason: HoldReason;
  readonly pauseMs: number;
  readonly setAt: number;
  readonly endsAt: number;
};

/**
 * Left in a database by a move. moved: everything is in the other one since then. incoming: the other one's content is being
 * moved here, and some of it is missing. `other`: its place; `at`: ms since 1970.
 */
export type Mark = { readonly kind: "moved" | "incoming"; readonly other: string; readonly at: number };

/** What a database holds. Nobody else writes to it as long as this is open. Every method may throw StoreError. */
export type Content = {
  /** Its address as people may read it, without a password. */
  readonly place: string;
  /** As it was when this was opened. */
  readonly mark: Mark | null;
  countJobs(): Promise<number>;
  /** The first `limit` jobs with a higher number; null: from the start. */
  jobs(after: number | null, limit: number): Promise<MovedJob[]>;
  /** The first `limit` installations after this one; null: from the start. */
  installations(after: MovedInstallation | null, limit: number): Promise<MovedInstallation[]>;
  holds(): Promise<MovedHold[]>;
  /** Lets others write again. What was not committed is undone. */
  close(): Promise<void>;
};

export type MoveSource = Content & {
  /** Marks it as moved: no server uses it any more. Call nothing but `close` afterwards. */
  leave(mark: Mark): Promise<void>;
};

export type MoveTarget = Content & {
  /** What an operator does to make it empty, as the end of a sentence. */
  readonly howToEmpty: string;
  /** Marks it as incomplete, until `finish`. */
  enter(mark: Mark): Promise<void>;
  /** Keeps those that are not there yet, all or none; each batch is on the disk once this resolves. Jobs come in order. */
  addJobs(jobs: readonly MovedJob[]): Promise<void>;
  addInstallations(installations: readonly MovedInstallation[]): Promise<void>;
  addHolds(holds: readonly MovedHold[]): Promise<void>;
  /** Makes it ready for a server: what is derived from the rows is right, and the mark is gone. Then only `close`. */
  finish(): Promise<void>;
};

/** What is in a database: how many, and a checksum over all of it, which is the same in every store. */
export type Sums = {
  readonly jobs: Readonly<Record<MovedJob["state"], number>>;
  readonly installations: number;
  readonly holds: number;
  /** SHA-256 in hex. */
  readonly checksum: string;
};

/** Adds up rows, which must come in their order: jobs, then installations, then holds. */
export type Tally = {
  job(row: MovedJob): void;
  installation(row: MovedInstallation): void;
  hold(row: MovedHold): void;
  sums(): Sums;
};

export function createTally(): Tally {
  const hash = createHash("sha256");
  const jobs = { waiting: 0, done: 0, dead: 0 };
  let [installations, holds] = [0, 0];
  const add = (text: string) => hash.update(`${text}\n`);
  return {
    job(row) {
      jobs[row.state] += 1;
      add(textOfJob(row));
    },
    installation(row) {
      installations += 1;
      add(textOfInstallation(row));
    },
    hold(row) {
      holds += 1;
      add(textOfHold(row));
    },
    sums: () => ({ jobs: { ...jobs }, installations, holds, checksum: hash.copy().digest("hex") }),
  };
}

/** Everything about a job in one line. Two jobs with the same line are the same in every respect. */
export function textOfJob(job: MovedJob): string {
  const { seq, state, attempts, acceptedAt, firstAcceptedAt, earlierAttempts, nextAttemptAt, settledAt } =
    job;
  const texts = [job.key, job.platform, job.lane, job.quota, job.payload, job.progress].map(shown);
  const ends = [job.outcome, job.lastError].map((text) => text && shown(text));
  const numbers = [seq, attempts, acceptedAt, firstAcceptedAt, earlierAttempts, nextAttemptAt, settledAt];
  return JSON.stringify(["job", state, numbers, texts, ends, job.history.map(shown)]);
}

export function textOfInstallation(row: MovedInstallation): string {
  const { obtainedAt, expiresAt, botIsCurrent, needsReinstall, botIsGone } = row;
  const texts = [row.platform, row.account, row.botId, row.sealedWith, row.details, row.webhookUrl];
  const sealed = Buffer.from(row.credentials).toString("base64");
  const facts = [obtainedAt, expiresAt, botIsCurrent, needsReinstall, botIsGone];
  return JSON.stringify(["installation", texts.map(shown), row.lookup && shown(row.lookup), sealed, facts]);
}

export function textOfHold({ quota, reason, pauseMs, setAt, endsAt }: MovedHold): string {
  return JSON.stringify(["hold", shown(quota), reason, pauseMs, setAt, endsAt]);
}

/** PostgreSQL's texts cannot hold U+0000, and the store there writes its picture instead. */
function shown(text: string): string {
  return text.includes("\u0000") ? text.replaceAll("\u0000", "\u2400") : text;
}
