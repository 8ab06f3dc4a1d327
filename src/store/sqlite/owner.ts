import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";

const ownerRow = z.object({ host: z.string(), pid: z.number(), started: z.string() });
type Owner = z.infer<typeof ownerRow>;

/** Not among the migrations: whether another server runs has to be known before the first of them. */
const TABLE = `
  CREATE TABLE IF NOT EXISTS server (
    id INTEGER PRIMARY KEY CHECK (id = 1), host TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL
  ) STRICT`;

/**
 * Whether the server that the database itself names is still running. It finds what the lock file cannot: a server whose
 * lock file was deleted. The record of a killed server stays; it counts as running only while its process lives, or on
 * another host, where nobody can tell.
 */
export function hasRunningOwner(db: DatabaseSync): boolean {
  const owner = ownerIn(db);
  if (owner === null) return false;
  if (owner.host !== hostname()) return true;
  return isAlive(owner.pid) && [owner.started, ""].includes(startOf(owner.pid));
}

/** Names this process as the server. To be run inside a transaction. */
export function recordOwner(db: DatabaseSync): void {
  db.exec(TABLE);
  db.prepare("INSERT OR REPLACE INTO server (id, host, pid, started) VALUES (1, ?, ?, ?)").run(
    hostname(),
    process.pid,
    startOf(process.pid),
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
  const row = hasTable ? db.prepare("SELECT host, pid, started FROM server").get() : undefined;
  return row === undefined ? null : ownerRow.parse(row);
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
