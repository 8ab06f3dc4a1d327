import { performance } from "node:perf_hooks";
import type { DatabaseSync } from "node:sqlite";
import { StoreError, sentenceOf } from "../../errors.ts";
import { adviceOnWrite } from "./advice.ts";
import { isBusy } from "./result-codes.ts";

export type Commits = {
  /**
   * Runs the work inside the next commit and resolves, with what it returned, once that commit is on disk. Rejects with
   * StoreError: then nothing of this work is kept. The work may be run twice, the first time for nothing, so it must not
   * change anything but the database.
   */
  write<T>(work: () => T): Promise<T>;
  /** Resolves once everything that was asked for so far is on disk or refused. */
  settled(): Promise<void>;
};

/** How long SQLite itself waits for another program's lock, in ms; the event loop stands still meanwhile. */
const BLOCKING_PATIENCE_MS = 10;
/** The pause between two tries, in ms, and how long a member waits in all. */
const PAUSE_MS = 20;
const PATIENCE_MS = 5000;
const LOCKED = `another program has kept it locked for ${PATIENCE_MS / 1000} s. Try again; if it stays so, end that program (an open transaction in sqlite3, perhaps, or a backup tool)`;

type Member = { askedAt: number; run(): void; resolve(): void; reject(error: StoreError): void };

/** Why members were refused; those that are not in it are kept. */
type Refused = Map<Member, unknown>;

/**
 * Group commit: everything that asks to write during one turn of the event loop shares one transaction, and so one wait
 * for the disk. While another program holds the lock, the group waits outside the event loop, and what asks meanwhile
 * joins it.
 *
 * @param verifyFiles throws when what is written would not be found again; asked before and after, so nothing resolves
 * that was written into a deleted file
 */
export function createCommits(db: DatabaseSync, verifyFiles: () => void): Commits {
  db.exec(`PRAGMA busy_timeout = ${BLOCKING_PATIENCE_MS}`);
  let waiting: Member[] = [];
  let isScheduled = false;
  let last: Promise<unknown> = Promise.resolve();

  function commit(): void {
    isScheduled = false;
    const members = waiting;
    waiting = [];
    try {
      verifyFiles();
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

  function tryAgain(members: readonly Member[]): void {
    const oldest = performance.now() - PATIENCE_MS;
    for (const member of members) {
      if (member.askedAt > oldest) waiting.push(member);
      else member.reject(unwritable(LOCKED));
    }
    if (waiting.length === 0) return;
    isScheduled = true;
    setTimeout(commit, PAUSE_MS);
  }

  return {
    write<T>(work: () => T) {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      let value: { it: T } | null = null;
      waiting.push({
        askedAt: performance.now(),
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
    },
    settled: () =>
      last.then(
        () => {},
        () => {},
      ),
  };
}

/** All members or none; null when one of several failed and might be refused alone. */
function keepTogether(db: DatabaseSync, members: readonly Member[]): Refused | null {
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const member of members) member.run();
  } catch (cause) {
    // SQLite has ended the transaction by itself: a full disk or a failing one, which is not the member's fault.
    if (members.length === 1 || !db.isTransaction) throw cause;
    db.exec("ROLLBACK");
    return null;
  }
  db.exec("COMMIT");
  return new Map();
}

/**
 * Each member by itself, in one transaction. Only for a group in which one fails: a savepoint takes 2 to 3 µs, a tenth of
 * what a member takes.
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

/** Leaves no transaction open. SQLite has already rolled back by itself after some errors, a full disk among them. */
function rollBack(db: DatabaseSync): void {
  try {
    if (db.isOpen && db.isTransaction) db.exec("ROLLBACK");
  } catch {
    // The commit's own error is the one to report; the next BEGIN meets whatever is still wrong.
  }
}

/** Runs a read and turns a failure into a StoreError. */
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
