import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createReadCache } from "../../../src/store/sqlite/read-cache.ts";
import { temporaryFolder } from "../../support/store.ts";

function open(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  return db;
}

/** A cache of what a table holds, and the keys that were really read. */
function createCached() {
  const path = join(temporaryFolder(), "cache.db");
  const db = open(path);
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT) STRICT");
  db.exec("INSERT INTO words VALUES (1, 'one')");
  const find = db.prepare("SELECT word FROM words WHERE id = ?");
  const reads: number[] = [];
  const cache = createReadCache(db, (id: number) => {
    reads.push(id);
    return find.get(id)?.word ?? null;
  });
  return { path, db, cache, reads };
}

test("what was read is not read again while nobody writes", () => {
  const { cache, reads } = createCached();

  expect([cache.get(1), cache.get(1), cache.get(1)]).toEqual(["one", "one", "one"]);
  expect(reads).toEqual([1]);
});

test("another process's write is seen in the next turn of the event loop", async () => {
  const { path, cache } = createCached();
  cache.get(1);

  open(path).exec("UPDATE words SET word = 'eins'");
  await nextTurn();

  expect(cache.get(1)).toBe("eins");
});

test("in one turn the database is asked once whether it has changed", () => {
  const { path, cache, reads } = createCached();
  cache.get(1);

  open(path).exec("UPDATE words SET word = 'eins'");

  expect(cache.get(1)).toBe("one");
  expect(reads).toEqual([1]);
});

test("after a write of our own it is read again", () => {
  const { db, cache } = createCached();
  cache.get(1);
  db.exec("DELETE FROM words");

  cache.clear();

  expect(cache.get(1)).toBeNull();
});

test("a missing value is looked up each time, and found once it exists", () => {
  const { db, cache, reads } = createCached();

  expect([cache.get(2), cache.get(2)]).toEqual([null, null]);
  expect(reads).toEqual([2, 2]);
  db.exec("INSERT INTO words VALUES (2, 'two')");
  expect(cache.get(2)).toBe("two");
});

test("a read within a transaction is not remembered: it may be rolled back", () => {
  const { db, cache } = createCached();
  db.exec("BEGIN; UPDATE words SET word = 'eins'");

  expect(cache.get(1)).toBe("eins");
  db.exec("ROLLBACK");

  expect(cache.get(1)).toBe("one");
});
