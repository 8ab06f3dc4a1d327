import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { makeEmpty } from "./place.ts";
import { isBusy } from "./result-codes.ts";

export type Lock = {
  /** Names the lock file: one that is made anew after it was deleted has another. */
  file: string;
  release(): void;
};

/**
 * Makes this process the only server on the database; the commands of `src/cli` may still use it. The lock is one of the
 * operating system's on a file beside the database, so it ends with the process, however that ends.
 * Null when another process has it.
 *
 * @param real the database's real path, so that a symbolic link leads to the same lock
 */
export function lockDatabase(real: string): Lock | null {
  const lockPath = `${real}.lock`;
  makeEmpty(lockPath);
  const lock = new DatabaseSync(lockPath, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (isBusy(error)) return null;
    throw error;
  }
  // The number of a deleted file is not used again as long as some process has it open, as the one that it locked out has.
  return { file: String(statSync(lockPath, { bigint: true }).ino), release: () => lock.close() };
}

/**
 * Whether no other connection to the database file is open on this machine, under whatever name and in whatever process:
 * each connection to a database with a write-ahead log holds a shared lock on the file itself, which ends with its
 * process (https://sqlite.org/wal.html). To be asked before this process opens a connection of its own.
 */
export function isAlone(real: string): boolean {
  const probe = new DatabaseSync(real, { timeout: 0 });
  try {
    probe.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK");
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  } finally {
    probe.close();
  }
}
