import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";

const versionRow = z.object({ data_version: z.number() });

export type ReadCache<Key, Value> = {
  get(key: Key): Value | null;
  /** To be called with every write of our own; those of other processes are noticed. */
  clear(): void;
};

/**
 * Keeps what was read until the database changes. SQLite counts the commits of other connections (PRAGMA data_version), so
 * that asking whether there was one costs a tenth of reading a row and deciphering it. What is not there is not kept:
 * strangers could fill the memory by asking for it.
 */
export function createReadCache<Key, Value>(
  db: DatabaseSync,
  read: (key: Key) => Value | null,
): ReadCache<Key, Value> {
  const dataVersion = db.prepare("PRAGMA data_version");
  const known = new Map<Key, Value>();
  let version: number | null = null;

  return {
    get(key) {
      const { data_version: current } = versionRow.parse(dataVersion.get());
      if (current !== version) known.clear();
      version = current;
      const value = known.get(key) ?? read(key);
      if (value !== null) known.set(key, value);
      return value;
    },
    clear: () => known.clear(),
  };
}
