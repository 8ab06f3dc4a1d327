import { howToRestore } from "./restoring.ts";
import { isDamage, isFull } from "./result-codes.ts";

/** What to do about a failed write, as a sentence of its own with a space before it; empty where nothing more is known. */
export function adviceOnWrite(cause: unknown): string {
  if (isFull(cause)) return " Make room on its disk.";
  if (isDamage(cause))
    return " It is damaged. Stop the server and start it again: it then says how to go on with a backup.";
  return "";
}

/**
 * The same about a backup that was not made.
 *
 * @param real the database's real path
 */
export function adviceOnBackup(cause: unknown, real: string): string {
  if (isFull(cause)) return " Make room on that disk, or name a file on another one.";
  if (isDamage(cause)) {
    const steps = howToRestore(real);
    return ` The database is damaged. To go on with an earlier backup, ${steps}.`;
  }
  return " Name a file in a folder that you may write.";
}
