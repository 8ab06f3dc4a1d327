/** https://sqlite.org/rescode.html; an extended code has the plain one in its lowest byte. */
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

function codeOf(error: unknown): number | null {
  if (!(error instanceof Error && "errcode" in error)) return null;
  return typeof error.errcode === "number" ? error.errcode & 0xff : null;
}

/** Another connection holds the lock that was needed. */
export function isBusy(error: unknown): boolean {
  return codeOf(error) === SQLITE_BUSY;
}

/** There is no room on the disk, whether SQLite says so or the file system. */
export function isFull(error: unknown): boolean {
  return (
    codeOf(error) === SQLITE_FULL || (error instanceof Error && "code" in error && error.code === "ENOSPC")
  );
}

/** The file is damaged, or never was a database. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** What SQLite throws for damage, for damage that it reports as a row. */
export function damage(reason: string): Error {
  return Object.assign(new Error(reason), { errcode: SQLITE_CORRUPT });
}
