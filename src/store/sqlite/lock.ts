import { DatabaseSync } from "node:sqlite";
import { ConfigError } from "../../errors.ts";
import { makeEmpty } from "./place.ts";
import { isBusy } from "./result-codes.ts";

/**
 * Makes this process the only server on the database; the commands of `src/cli` may still use it. The lock is one of the
 * operating system's on a file beside the database, so it ends with the process, however that ends.
 * Returns what gives it up; null when another process has it.
 *
 * @param real the database's real path, so that a symbolic link leads to the same lock
 */
export function lockDatabase(real: string): (() => void) | null {
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
  return () => lock.close();
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

export function otherServer(path: string): ConfigError {
  return new ConfigError(
    `DATABASE_URL: another server is running on ${path}. Stop that one, or name another file.`,
  );
}
