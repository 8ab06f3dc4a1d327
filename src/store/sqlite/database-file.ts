import { chmodSync, closeSync, existsSync, mkdirSync, openSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { ConfigError } from "../../errors.ts";

/**
 * The database file's real path, with symbolic links followed. A missing file is created, readable by this user only
 * (file 0600, a new folder 0700; SQLite gives the files beside it the same permissions). Throws ConfigError if the file
 * has a second name: SQLite keeps the write-ahead log beside the name, so two names mean two logs, and each overwrites
 * what the other has written (https://sqlite.org/howtocorrupt.html, 2.5).
 */
export function prepareDatabaseFile(path: string): string {
  createFolder(dirname(path));
  createEmptyFile(path);
  const real = realpathSync(path);
  const file = statSync(real);
  if (!file.isFile()) throw new Error("EISDIR: it is not a file");
  if (file.nlink > 1) {
    throw new ConfigError(
      `DATABASE_URL: the database ${path} has ${file.nlink} names (hard links), and SQLite can keep it safe under one only. Keep the name that the server has used so far, remove the others, then start again.`,
    );
  }
  chmodSync(real, 0o600);
  return real;
}

/**
 * Creates the folder and any missing ones above it, for this user only. Not by Node.js's `recursive`, which never ends
 * where an existing folder takes no new one and answers ENOENT, as /proc does.
 */
export function createFolder(folder: string): void {
  if (isFolder(folder)) return;
  createFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else may have created it meanwhile.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * Creates an empty file that only this user can read, unless it exists: then it is not opened, since closing it would end
 * every lock that SQLite holds on it in this process (POSIX locks, see https://sqlite.org/howtocorrupt.html, 2.2).
 */
export function createEmptyFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
}
