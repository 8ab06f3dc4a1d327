import { hostname } from "node:os";
import { ConfigError } from "../../errors.ts";
import type { Owner } from "./owner.ts";

/**
 * @param owner the server that the database names; null where the lock alone tells that there is one
 */
export function otherServer(path: string, owner: Owner | null): ConfigError {
  if (owner !== null && owner.host !== hostname()) {
    return new ConfigError(
      `DATABASE_URL: process ${owner.pid} on host ${owner.host} was the last server on ${path}; some program has the database open, and that server may still be running. Stop it; if it is gone, end whatever else has the database open (sqlite3 or a backup tool, perhaps). Then start again.`,
    );
  }
  const which = owner === null ? "" : ` (process ${owner.pid})`;
  return new ConfigError(
    `DATABASE_URL: another server is running on ${path}${which}. Stop that one, or name another file.`,
  );
}

/** For a command, where a server runs on a database that is not of the newest shape. */
export function olderServer(path: string): ConfigError {
  return new ConfigError(
    `DATABASE_URL: the server that runs on ${path} is of an older release than this command. Restart the server first: it brings the database up to date.`,
  );
}

/**
 * Where a database that is not of the newest shape is open elsewhere, nobody knows by whom: the first releases did not write
 * into it which server runs on it.
 */
export function olderAndOpen(path: string): ConfigError {
  return new ConfigError(
    `DATABASE_URL: the database ${path} was made by an older release, and another program has it open. Stop the server of that release, and whatever else has it open (sqlite3 or a backup tool, perhaps); then start this release's server: it brings the database up to date.`,
  );
}
