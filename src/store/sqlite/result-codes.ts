/** https://sqlite.org/rescode.html; an extended code has the plain one in its lowest byte. */
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function codeOf(error: unknown): number | null {
  if (!(error instanceof Error && "errcode" in error)) return null;
  return typeof error.errcode === "number" ? error.errcode & 0xff : null;
}

/** Another connection holds the lock that was needed. */
export function isBusy(error: unknown): boolean {
  return codeOf(error) === SQLITE_BUSY;
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
