import { chmodSync, closeSync, existsSync, mkdirSync, openSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { ConfigError } from "../../errors.ts";

/**
 * The database file's real path, with symbolic links followed. The file is made where it is missing, and only this user can
 * read it (folder 0700 where it has to be made, file 0600; SQLite gives the files beside it the same permissions).
 * Throws ConfigError when the file has a second name: SQLite keeps the write-ahead log beside the name, so two names
 * mean two logs, and each overwrites what the other has written (https://sqlite.org/howtocorrupt.html, 2.5).
 */
export function preparePlace(path: string): string {
  makeFolder(dirname(path));
  makeEmpty(path);
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
 * Makes the folder, and those above it that are missing, for this user only. One after the other: `recursive` of Node.js's
 * own mkdirSync never ends where an existing folder takes no new one and says that there is none (ENOENT), as /proc does.
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * Makes an empty file that only this user can read. One that exists is not opened: closing it would end every lock that
 * SQLite holds on it in this process (POSIX locks, see https://sqlite.org/howtocorrupt.html, 2.2).
 */
export function makeEmpty(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
}
