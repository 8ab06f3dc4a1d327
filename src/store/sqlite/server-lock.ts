import { readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { createEmptyFile } from "./database-file.ts";
import { isBusy } from "./failures.ts";

export type Lock = {
  /** The lock file's number: a file made again after it was deleted has another. */
  file: string;
  release(): void;
};

/**
 * Makes this process the only server on the database; commands may still use it. The operating system holds the lock, on
 * a file beside the database, so it ends with the process, however that ends. Null if another process has it.
 *
 * @param real the database's real path, so that a symbolic link leads to the same lock
 */
export function lockDatabase(real: string): Lock | null {
  const lockPath = `${real}.lock`;
  createEmptyFile(lockPath);
  const lock = new DatabaseSync(lockPath, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (isBusy(error)) return null;
    throw error;
  }
  // The number of a deleted file is not used again while some process has it open, as the other server would.
  return { file: String(statSync(lockPath, { bigint: true }).ino), release: () => lock.close() };
}

/**
 * Whether no other connection to the database file is open on this machine, under any name and in any process: each
 * connection to a database with a write-ahead log holds a shared lock on the file itself, which ends with its process
 * (https://sqlite.org/wal.html). Call this before this process opens a connection of its own.
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

const ownerRow = z.object({
  host: z.string(),
  pid: z.number(),
  started: z.string(),
  /** The lock file that it holds (`Lock.file`); empty if an earlier release wrote the row. */
  lock: z.string().default(""),
});

export type Owner = z.infer<typeof ownerRow>;

/** Not a migration: whether another server runs must be known before the first one. Each server makes it again. */
const TABLE = `
  DROP TABLE IF EXISTS server;
  CREATE TABLE server (
    id INTEGER PRIMARY KEY CHECK (id = 1), host TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL,
    lock TEXT NOT NULL DEFAULT ''
  ) STRICT`;

/**
 * The server that the database itself names, if it may still be running. This finds a server whose lock file was deleted.
 * The record of a killed server stays. If we hold the same lock file, that server is gone, whatever its host was called: a
 * new container has a new name. With another lock file it counts as running while its process lives, or if it is on
 * another host, where nobody can tell.
 *
 * @param lock the lock that this process holds
 */
export function runningOwner(db: DatabaseSync, lock: Lock): Owner | null {
  const owner = ownerIn(db);
  if (owner === null || owner.lock === lock.file) return null;
  return owner.host !== hostname() || isSameProcess(owner) ? owner : null;
}

/** Names this process as the server. Call it inside a transaction. */
export function recordOwner(db: DatabaseSync, lock: Lock): void {
  db.exec(TABLE);
  db.prepare("INSERT INTO server (id, host, pid, started, lock) VALUES (1, ?, ?, ?, ?)").run(
    hostname(),
    process.pid,
    startOf(process.pid),
    lock.file,
  );
}

/** Deletes the record, if that can be done at once. */
export function forgetOwner(db: DatabaseSync): void {
  try {
    db.exec("DELETE FROM server");
  } catch {
    // It does no harm: the process that it names is about to end.
  }
}

function ownerIn(db: DatabaseSync): Owner | null {
  const hasTable = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'server'").get() !== undefined;
  const row = hasTable ? db.prepare("SELECT * FROM server").get() : undefined;
  return row === undefined ? null : ownerRow.parse(row);
}

function isSameProcess({ pid, started }: Owner): boolean {
  return isAlive(pid) && [started, ""].includes(startOf(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It exists, but belongs to another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * What tells a process from a later one of the same number: the system's boot and the clock tick in which it was started.
 * Empty where the system does not say, which is anywhere but on Linux (proc_pid_stat(5), field 22).
 */
function startOf(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in field 2 may contain spaces and parentheses itself.
    const fromField3 = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return `${boot} ${fromField3[19]}`;
  } catch {
    return "";
  }
}

/** @param owner the server that the database names; null if only the lock shows that there is one */
export function otherServer(path: string, owner: Owner | null): ConfigError {
  if (owner !== null && owner.host !== hostname()) {
    return new ConfigError(
      `DATABASE_URL: process ${owner.pid} on host ${owner.host} was the last server on ${path}; some program has the database open, and that server may still be running. Stop it; if it is gone, end whatever else has the database open (sqlite3 or a backup tool, perhaps). Then start again.`,
    );
  }
  const which = owner === null ? "" : ` (process ${owner.pid})`;
  return new ConfigError(
    `DATABASE_URL: another server is running on ${path}${which}. Stop that one, or name another file.`,
  );
}

/** For a command: a server runs on a database that is not of the newest version. */
export function olderServer(path: string): ConfigError {
  return new ConfigError(
    `DATABASE_URL: the server that runs on ${path} is of an older release than this command. Restart the server first: it brings the database up to date.`,
  );
}

/**
 * A database that is not of the newest version is open elsewhere, and nobody knows by whom: the first releases did not
 * record their server in it.
 */
export function olderAndOpen(path: string): ConfigError {
  return new ConfigError(
    `DATABASE_URL: the database ${path} was made by an older release, and another program has it open. Stop the server of that release, and whatever else has it open (sqlite3 or a backup tool, perhaps); then start this release's server: it brings the database up to date.`,
  );
}
