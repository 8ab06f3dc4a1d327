import type { DatabaseSync } from "node:sqlite";
import { StoreError, sentenceOf } from "../../errors.ts";

export type Commits = {
  /** Runs the work inside the next commit and resolves, with what it returned, once that commit is on disk. */
  write<T>(work: () => T): Promise<T>;
};

type Pending = { run(): void; resolve(): void; reject(error: StoreError): void };

/**
 * Group commit: everything that asks to write during one turn of the event loop shares one transaction, and so one
 * wait for the disk. All of it is kept or none: one failing statement rejects the whole group. `checkFile` throws when what
 * is written would not be found again.
 */
export function createCommits(db: DatabaseSync, checkFile: () => void): Commits {
  let group: Pending[] = [];

  function commit(): void {
    const members = group;
    group = [];
    try {
      checkFile();
      db.exec("BEGIN IMMEDIATE");
      for (const member of members) member.run();
      db.exec("COMMIT");
    } catch (cause) {
      rollBack(db);
      for (const member of members) member.reject(unwritable(cause));
      return;
    }
    for (const member of members) member.resolve();
  }

  return {
    write<T>(work: () => T) {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      let value: { it: T } | null = null;
      if (group.length === 0) setImmediate(commit);
      group.push({
        run: () => {
          value = { it: work() };
        },
        resolve: () => value && resolve(value.it),
        reject,
      });
      return promise;
    },
  };
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
  return new StoreError(`The database could not be written: ${sentenceOf(cause)}.`, { cause });
}
