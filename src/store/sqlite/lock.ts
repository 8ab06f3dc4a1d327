import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { ConfigError } from "../../errors.ts";

/**
 * Makes this process the only server on the database; the commands of `src/cli` may still use it. The lock is one of the
 * operating system's on a file beside the database, so it ends with the process, however that ends.
 * Returns what gives it up. Throws ConfigError when another process has it.
 */
export function lockDatabase(path: string): () => void {
  const lockPath = `${path}.lock`;
  closeSync(openSync(lockPath, "a", 0o600));
  const lock = new DatabaseSync(lockPath, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    throw new ConfigError(
      `DATABASE_URL: another server is running on ${path}. Stop that one, or name another file.`,
      { cause },
    );
  }
  return () => lock.close();
}
