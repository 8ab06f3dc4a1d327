import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { ConfigError, sentenceOf } from "../../errors.ts";
import { migrate } from "./migrations.ts";

/**
 * Opens the database file, made where it is missing, so that only this user can read it (folder 0700, file 0600), and
 * brings it to the newest shape. Throws ConfigError, with what to do, when the file cannot be used.
 */
export function openDatabase(path: string): DatabaseSync {
  try {
    makePrivate(path);
    const db = new DatabaseSync(path, { timeout: 5000 });
    // FULL: a commit has reached the disk itself, not just the operating system, before it returns.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    checkIntegrity(db);
    migrate(db, path);
    return db;
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(complaint(path, cause), { cause });
  }
}

/** SQLite gives the files that it puts beside the database the same permissions. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}

const checkRow = z.object({ quick_check: z.string() });

function checkIntegrity(db: DatabaseSync): void {
  const { quick_check: result } = checkRow.parse(db.prepare("PRAGMA quick_check(1)").get());
  if (result === "ok") return;
  const reason = result.replace(/^\*\*\*.*\*\*\*\s*/, "").replace(/\s+/g, " ");
  throw Object.assign(new Error(reason), { errcode: SQLITE_CORRUPT });
}

/** SQLite's result codes for a database that is damaged, and for a file that never was one. */
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function complaint(path: string, cause: unknown): string {
  const code = cause instanceof Error && "errcode" in cause ? cause.errcode : null;
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) {
    return (
      `DATABASE_URL: the database ${path} is damaged (${sentenceOf(cause)}). Stop the server, then put a backup in its place, or move it away ` +
      "to start with an empty one: then jobs that waited in it are lost, and the Pizza BOT has to be installed again."
    );
  }
  return `DATABASE_URL: the database ${path} cannot be used: ${sentenceOf(cause)}.`;
}
