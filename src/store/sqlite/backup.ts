import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { ConfigError, sentenceOf } from "../../errors.ts";
import { createFolder } from "./database-file.ts";
import { adviceOnBackup } from "./failures.ts";
import { checkIntegrity, withDatabaseAsItIs } from "./open.ts";

/** What was counted in a copy. */
export type BackupReport = { jobs: number; installations: number };

/**
 * Makes a consistent copy of the database, as it is when the copying begins; a server may be running. The copy gets its
 * name only after it has been read back. A missing folder is created. Throws ConfigError: then there is no copy.
 *
 * VACUUM INTO is one read: the server's commits do not wait for it, and it ends however many there are, whereas SQLite's
 * backup interface starts again after each commit of another process. Meanwhile the write-ahead log grows by what is
 * written. The copy needs no file beside it, and contains nothing of deleted jobs.
 *
 * @param mayReplace whether the new copy replaces an earlier one of that name
 */
export function backUpDatabase(path: string, target: string, mayReplace: boolean): BackupReport {
  return withDatabaseAsItIs(path, (db, real) => {
    createFolderFor(target);
    verifyTarget(real, target, mayReplace);
    const unfinished = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`);
    try {
      closeSync(openSync(unfinished, "ax", 0o600));
      db.prepare("VACUUM INTO ?").run(unfinished);
      const report = readBack(unfinished);
      flush(unfinished);
      renameSync(unfinished, target);
      return report;
    } catch (cause) {
      rmSync(unfinished, { force: true });
      const sentence = `The backup ${target} was not made: ${sentenceOf(cause)}.${adviceOnBackup(cause, real)}`;
      throw new ConfigError(sentence, { cause });
    }
  });
}

/** A new folder is private. */
function createFolderFor(target: string): void {
  const folder = dirname(resolve(target));
  try {
    createFolder(folder);
  } catch (cause) {
    const sentence = `The folder ${folder} for the backup could not be made: ${sentenceOf(cause)}. Name a file in a folder that you may write.`;
    throw new ConfigError(sentence, { cause });
  }
}

function verifyTarget(real: string, target: string, mayReplace: boolean): void {
  const folder = realpathSync(dirname(resolve(target)));
  const place = existsSync(target) ? realpathSync(target) : join(folder, basename(target));
  if (["", "-wal", "-shm", ".lock"].some((end) => place === `${real}${end}`)) {
    throw new ConfigError(`${target} belongs to the database itself. Name another file for the backup.`);
  }
  if (!existsSync(target)) return;
  if (!statSync(target).isFile())
    throw new ConfigError(`${target} is not a file. Name a file for the backup.`);
  if (!mayReplace) {
    throw new ConfigError(
      `${target} exists already. Name another file, or replace this one with --overwrite.`,
    );
  }
}

const countRow = z.object({ rows: z.number() });
const HAS_TABLE = "SELECT count(*) AS rows FROM sqlite_master WHERE type = 'table' AND name = ?";

function readBack(copy: string): BackupReport {
  // Not read-only, or SQLite would not check the rows against the CHECK constraints, as it does when a server starts.
  const db = new DatabaseSync(copy);
  try {
    checkIntegrity(db);
    return { jobs: count(db, "jobs") + count(db, "settled"), installations: count(db, "installations") };
  } finally {
    db.close();
  }
}

/** 0 if the table does not exist, as in an older release. */
function count(db: DatabaseSync, table: "jobs" | "settled" | "installations"): number {
  if (countRow.parse(db.prepare(HAS_TABLE).get(table)).rows === 0) return 0;
  return countRow.parse(db.prepare(`SELECT count(*) AS rows FROM ${table}`).get()).rows;
}

/** Puts the copy on the disk itself. */
function flush(file: string): void {
  const opened = openSync(file, "r+");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
