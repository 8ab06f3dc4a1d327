import { StoreError, sentenceOf } from "../../errors.ts";

/** SQLSTATE codes after which the same transaction may well succeed: PostgreSQL manual, appendix A. */
const PASSING = new Set([
  "23505", // another server has added the same at this moment: the next try finds it there
  "40001", // serialization failure
  "40P01", // deadlock
  "55P03", // a lock was not free in time
  "57014", // cancelled: it took too long
  "57P01", // the server is being shut down
  "57P02", // it has crashed
  "57P03", // it is starting up
  "57P05", // the session was idle for too long
  "25P03", // its transaction was idle for too long
  "53300", // too many connections
]);

/** Codes of Node.js for a connection that cannot be made or has broken. */
const DISCONNECTED = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
]);

/** What pg says, without a code, when a connection breaks or an answer does not come. */
const DISCONNECTED_SENTENCE =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/;

/** Whether the database is away or busy for now, so that the same work may succeed a little later. */
export function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== null) return PASSING.has(code) || DISCONNECTED.has(code) || code.startsWith("08");
  return error instanceof Error && DISCONNECTED_SENTENCE.test(error.message);
}

/** Whether PostgreSQL itself has refused a statement, so that the connection is still good. */
export function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  return code !== null && /^[0-9A-Z]{5}$/.test(code) && !/^(08|57P)/.test(code) && !DISCONNECTED.has(code);
}

function codeOf(error: unknown): string | null {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

export function unreadable(cause: unknown): StoreError {
  return new StoreError(`The database could not be read: ${reasonOf(cause)}.${adviceOn(cause)}`, { cause });
}

export function unwritable(cause: unknown): StoreError {
  return new StoreError(`The database could not be written: ${reasonOf(cause)}.${adviceOn(cause)}`, {
    cause,
  });
}

function reasonOf(cause: unknown): string {
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  return sentenceOf(first).replace(/\.$/, "");
}

/** What to do about it, with a space in front; empty if nothing special. */
export function adviceOn(cause: unknown): string {
  const code = codeOf(cause);
  if (code === "53300") return " Allow more connections (max_connections), or start fewer servers.";
  if (code === "53100") return " Free some space on the disk of the database.";
  if (code === "42501") return " Grant the role what docs/operate.md lists.";
  if (code === "28P01" || code === "28000") return " Check user and password in DATABASE_URL.";
  if (code === "3D000") return " Create the database, or correct its name in DATABASE_URL.";
  if (isPassing(cause)) return " Check that PostgreSQL runs and that DATABASE_URL leads to it.";
  return "";
}
