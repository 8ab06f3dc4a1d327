/** See https://sqlite.org/rescode.html; an extended code has the plain one in its lowest byte. */
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

function codeOf(error: unknown): number | null {
  if (!(error instanceof Error && "errcode" in error)) return null;
  return typeof error.errcode === "number" ? error.errcode & 0xff : null;
}

/** Whether another connection holds the lock that was needed. */
export function isBusy(error: unknown): boolean {
  return codeOf(error) === SQLITE_BUSY;
}

/** Whether the disk is full, as SQLite or the file system reports it. */
export function isFull(error: unknown): boolean {
  return (
    codeOf(error) === SQLITE_FULL || (error instanceof Error && "code" in error && error.code === "ENOSPC")
  );
}

/** Whether the file is damaged, or never was a database. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** An error for damage that SQLite reports as a row, like those that it throws. */
export function damage(reason: string): Error {
  return Object.assign(new Error(reason), { errcode: SQLITE_CORRUPT });
}

/**
 * How to replace a database with a backup, as the end of a sentence. The files beside it are moved too: SQLite would write
 * the old log's pages into the backup. They are kept, since the newest jobs may be in them.
 *
 * @param real the database's real path: SQLite keeps its other files beside it
 */
export function howToRestore(real: string): string {
  return `stop the server, move ${real}, ${real}-wal and ${real}-shm to another folder, copy a backup to ${real}, then start the server`;
}

/** What to do about a failed write, as a sentence with a space before it; empty if nothing is known to help. */
export function adviceOnWrite(cause: unknown): string {
  if (isFull(cause)) return " Make room on its disk.";
  if (isDamage(cause)) return " It is damaged. Restart the server: it then says how to restore a backup.";
  return "";
}

/**
 * What to do about a backup that was not made, as a sentence with a space before it.
 *
 * @param real the database's real path
 */
export function adviceOnBackup(cause: unknown, real: string): string {
  if (isFull(cause)) return " Make room on that disk, or name a file on another one.";
  if (isDamage(cause)) {
    return ` The database is damaged. To restore an earlier backup, ${howToRestore(real)}.`;
  }
  return " Name a file in a folder that you may write.";
}
