import { performance } from "node:perf_hooks";
import type { DatabaseSync } from "node:sqlite";
import { StoreError, sentenceOf } from "../../errors.ts";
import { adviceOnWrite, isBusy } from "./failures.ts";

export type Commits = {
  /**
   * Runs the work in the next commit; resolves with what it returned once that commit is on disk. Rejects with StoreError:
   * then nothing of this work is kept. The work may run twice, the first time in vain. So it changes only the database, and
   * in memory what may be changed in vain, such as a cache that it clears. Anything else that depends on the commit is done
   * after it.
   */
  write<T>(work: () => T): Promise<T>;
  /**
   * The same, but without waiting for the disk: a crash of the process loses nothing, one of the machine (a power cut) may
   * lose it, unless a later `write` has resolved. For what is harmless to repeat.
   */
  writeUnsynced<T>(work: () => T): Promise<T>;
  /** Resolves once everything asked for so far is on disk or refused. */
  settled(): Promise<void>;
};

/** How long SQLite itself waits for another program's lock, in ms; it blocks the event loop. */
const BLOCKING_PATIENCE_MS = 10;
/** The pause between two attempts, in ms, and how long a member waits in all. */
const PAUSE_MS = 20;
const WRITE_PATIENCE_MS = 5000;
const LOCKED = `another program has kept it locked for ${WRITE_PATIENCE_MS / 1000} s. Try again; if it stays so, end that program (an open transaction in sqlite3, perhaps, or a backup tool)`;

type Member = {
  askedAt: number;
  isSynced: boolean;
  run(): void;
  resolve(): void;
  reject(error: StoreError): void;
};

/** Why members were refused; all others are kept. */
type Refused = Map<Member, unknown>;

/**
 * Group commit: all writes that are asked for in one turn of the event loop share one transaction, and so at most one wait
 * for the disk. While another program holds the lock, the group waits without blocking the event loop, and further writes join it.
 *
 * @param verifyFiles throws if whatever is written would be lost (same-file.ts); called before and after each commit, so
 * that nothing resolves that was written to a deleted file
 */
export function createCommits(db: DatabaseSync, verifyFiles: () => void): Commits {
  db.exec(`PRAGMA busy_timeout = ${BLOCKING_PATIENCE_MS}`);
  let waiting: Member[] = [];
  let isScheduled = false;
  let last: Promise<unknown> = Promise.resolve();
  /** Whether SQLite waits for the disk at each commit. At first it does (synchronous = FULL, open.ts). */
  let syncs = true;

  function commit(): void {
    isScheduled = false;
    const members = waiting;
    waiting = [];
    try {
      verifyFiles();
      sync(members.some(({ isSynced }) => isSynced));
      const refused = keepTogether(db, members) ?? keepEach(db, members);
      verifyFiles();
      for (const member of members) {
        if (refused.has(member)) member.reject(unwritable(refused.get(member)));
        else member.resolve();
      }
    } catch (cause) {
      rollBack(db);
      if (isBusy(cause)) tryAgain(members);
      else for (const member of members) member.reject(unwritable(cause));
    }
  }

  /** In the write-ahead log, a commit that waits for the disk takes all earlier ones there too. */
  function sync(isNeeded: boolean): void {
    if (isNeeded !== syncs) db.exec(`PRAGMA synchronous = ${isNeeded ? "FULL" : "NORMAL"}`);
    syncs = isNeeded;
  }

  function tryAgain(members: readonly Member[]): void {
    const oldest = performance.now() - WRITE_PATIENCE_MS;
    for (const member of members) {
      if (member.askedAt > oldest) waiting.push(member);
      else member.reject(unwritable(LOCKED));
    }
    if (waiting.length === 0) return;
    isScheduled = true;
    setTimeout(commit, PAUSE_MS);
  }

  function ask<T>(work: () => T, isSynced: boolean): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let value: { it: T } | null = null;
    waiting.push({
      askedAt: performance.now(),
      isSynced,
      run: () => {
        value = { it: work() };
      },
      resolve: () => value && resolve(value.it),
      reject,
    });
    if (!isScheduled) setImmediate(commit);
    isScheduled = true;
    last = promise;
    return promise;
  }

  return {
    write: (work) => ask(work, true),
    writeUnsynced: (work) => ask(work, false),
    settled: () =>
      last.then(
        () => {},
        () => {},
      ),
  };
}

/** Keeps all members or none. null: one of several failed; now try them one by one, to refuse only that one. */
function keepTogether(db: DatabaseSync, members: readonly Member[]): Refused | null {
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const member of members) member.run();
  } catch (cause) {
    // If SQLite has ended the transaction itself, the disk is full or failing, which is no member's fault.
    if (members.length === 1 || !db.isTransaction) throw cause;
    db.exec("ROLLBACK");
    return null;
  }
  // With synchronous = FULL (see `sync` above) it returns once it is on the disk.
  db.exec("COMMIT");
  return new Map();
}

/**
 * Keeps or refuses each member by itself, in one transaction. Only for a group in which one fails: a savepoint takes 2 to
 * 3 µs, a tenth of what a member takes.
 */
function keepEach(db: DatabaseSync, members: readonly Member[]): Refused {
  const refused: Refused = new Map();
  db.exec("BEGIN IMMEDIATE");
  for (const member of members) {
    db.exec("SAVEPOINT member");
    try {
      member.run();
    } catch (cause) {
      if (!db.isTransaction) throw cause;
      refused.set(member, cause);
      db.exec("ROLLBACK TO member");
    }
    db.exec("RELEASE member");
  }
  db.exec("COMMIT");
  return refused;
}

/** Leaves no transaction open. After some errors, a full disk among them, SQLite has already rolled back itself. */
function rollBack(db: DatabaseSync): void {
  try {
    if (db.isOpen && db.isTransaction) db.exec("ROLLBACK");
  } catch {
    // The commit's own error is the one to report; the next BEGIN meets whatever is still wrong.
  }
}

/** Does a read, and turns a failure into a StoreError. */
export function reading<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new StoreError(`The database could not be read: ${sentenceOf(cause)}.`, { cause });
  }
}

function unwritable(cause: unknown): StoreError {
  const sentence = `The database could not be written: ${sentenceOf(cause)}.${adviceOnWrite(cause)}`;
  return new StoreError(sentence, { cause });
}
