import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";

const versionRow = z.object({ data_version: z.number() });

export type ListCache<Value> = {
  list(): Value[];
  /** To be called with every write of our own; after those of other processes everything is read again. */
  changed(key: number): void;
};

/**
 * Keeps a whole table in memory, in the order of its keys, and reads only what has changed. The installations are listed
 * every second: 10,000 of them take 240 ms to read and decrypt.
 */
export function createListCache<Value>(
  db: DatabaseSync,
  readAll: () => (readonly [key: number, Value])[],
  readOne: (key: number) => Value | null,
): ListCache<Value> {
  const dataVersion = db.prepare("PRAGMA data_version");
  const changedKeys = new Set<number>();
  let known = new Map<number, Value>();
  let version: number | null = null;

  function readEverything(): void {
    known = new Map(readAll());
    changedKeys.clear();
  }

  function readChanged(): void {
    let isInOrder = true;
    for (const key of changedKeys) {
      const value = readOne(key);
      if (value === null) known.delete(key);
      else {
        isInOrder &&= known.has(key);
        known.set(key, value);
      }
    }
    changedKeys.clear();
    if (!isInOrder) known = new Map([...known].sort(([a], [b]) => a - b));
  }

  return {
    list() {
      const { data_version: current } = versionRow.parse(dataVersion.get());
      if (current === version) readChanged();
      else readEverything();
      version = current;
      return [...known.values()];
    },
    changed: (key) => void changedKeys.add(key),
  };
}
