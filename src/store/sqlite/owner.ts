import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { Lock } from "./lock.ts";

const ownerRow = z.object({
  host: z.string(),
  pid: z.number(),
  started: z.string(),
  /** Which lock file it holds (`Lock.file`); empty where an earlier release has written the row. */
  lock: z.string().default(""),
});

export type Owner = z.infer<typeof ownerRow>;

/**
 * Not among the migrations: whether another server runs has to be known before the first of them. Made anew by each server,
 * for its row alone.
 */
const TABLE = `
  DROP TABLE IF EXISTS server;
  CREATE TABLE server (
    id INTEGER PRIMARY KEY CHECK (id = 1), host TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL,
    lock TEXT NOT NULL DEFAULT ''
  ) STRICT`;

/**
 * The server that the database itself names, if it may still be running. It finds what the lock file cannot: a server whose
 * lock file was deleted. The record of a killed server stays. It is known to be gone once its lock is ours, whatever its
 * host was called: a container that is made anew has another name. With another lock file it counts as running while its
 * process lives, or on another host, where nobody can tell.
 *
 * @param lock the lock that this process holds
 */
export function runningOwner(db: DatabaseSync, lock: Lock): Owner | null {
  const owner = ownerIn(db);
  if (owner === null || owner.lock === lock.file) return null;
  return owner.host !== hostname() || isSameProcess(owner) ? owner : null;
}

/** Names this process as the server. To be run inside a transaction. */
export function recordOwner(db: DatabaseSync, lock: Lock): void {
  db.exec(TABLE);
  db.prepare("INSERT INTO server (id, host, pid, started, lock) VALUES (1, ?, ?, ?, ?)").run(
    hostname(),
    process.pid,
    startOf(process.pid),
    lock.file,
  );
}

/** Forgets the server, where that can be done at once. */
export function forgetOwner(db: DatabaseSync): void {
  try {
    db.exec("DELETE FROM server");
  } catch {
    // It does not matter for long: the process that it names is about to end.
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
    // It exists, and belongs to somebody else.
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
