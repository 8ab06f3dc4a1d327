import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";

const versionRow = z.object({ data_version: z.number() });

export type ReadCache<Key, Value> = {
  get(key: Key): Value | null;
  /** Call this with every write of our own; those of other processes are noticed. */
  clear(): void;
};

/**
 * Remembers what was read until the database changes. SQLite counts the commits of other connections (PRAGMA
 * data_version). We read the count once per turn of the event loop, which is fresh enough. What was not found is not
 * remembered: strangers could fill the memory by asking for it.
 */
export function createReadCache<Key, Value>(
  db: DatabaseSync,
  read: (key: Key) => Value | null,
): ReadCache<Key, Value> {
  const dataVersion = db.prepare("PRAGMA data_version");
  const known = new Map<Key, Value>();
  let version: number | null = null;
  let wasAskedThisTurn = false;

  function forgetWhatChanged(): void {
    if (wasAskedThisTurn) return;
    wasAskedThisTurn = true;
    setImmediate(() => {
      wasAskedThisTurn = false;
    });
    const { data_version: current } = versionRow.parse(dataVersion.get());
    if (current !== version) known.clear();
    version = current;
  }

  return {
    get(key) {
      // What a transaction sees is not remembered: it may still be rolled back.
      if (db.isTransaction) return read(key);
      forgetWhatChanged();
      const value = known.get(key) ?? read(key);
      if (value !== null) known.set(key, value);
      return value;
    },
    clear: () => known.clear(),
  };
}
