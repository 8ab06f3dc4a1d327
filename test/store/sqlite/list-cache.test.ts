import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { createListCache } from "../../../src/store/sqlite/list-cache.ts";
import { temporaryFolder } from "../../support/store.ts";

function open(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  return db;
}

/** A table of three words, and what was really read of it. */
function createCached() {
  const path = join(temporaryFolder(), "cache.db");
  const db = open(path);
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT) STRICT");
  db.exec("INSERT INTO words VALUES (1, 'one'), (2, 'two'), (9, 'nine')");
  const all = db.prepare("SELECT id, word FROM words ORDER BY id");
  const one = db.prepare("SELECT word FROM words WHERE id = ?");
  const reads: (number | "all")[] = [];
  const cache = createListCache<unknown>(
    db,
    () => {
      reads.push("all");
      return all.all().map(({ id, word }) => [Number(id), word] as const);
    },
    (id) => {
      reads.push(id);
      return one.get(id)?.word ?? null;
    },
  );
  const write = (id: number, sql: string) => {
    cache.changed(id);
    db.exec(sql);
  };
  return { path, cache, reads, write };
}

test("what was listed is not read again while nobody writes", () => {
  const { cache, reads } = createCached();

  expect([cache.list(), cache.list()]).toEqual(Array(2).fill(["one", "two", "nine"]));
  expect(reads).toEqual(["all"]);
});

test("after writes of our own only what they changed is read, and the order stays", () => {
  const { cache, reads, write } = createCached();
  cache.list();

  write(2, "UPDATE words SET word = 'zwei' WHERE id = 2");
  write(1, "DELETE FROM words WHERE id = 1");
  write(5, "INSERT INTO words VALUES (5, 'five')");

  expect(cache.list()).toEqual(["zwei", "five", "nine"]);
  expect(reads).toEqual(["all", 2, 1, 5]);
});

test("after another process has written everything is read", () => {
  const { path, cache, reads } = createCached();
  cache.list();

  open(path).exec("UPDATE words SET word = 'eins' WHERE id = 1");

  expect(cache.list()).toEqual(["eins", "two", "nine"]);
  expect(reads).toEqual(["all", "all"]);
});

test("whoever changes the list they were given changes nothing for others", () => {
  const { cache } = createCached();
  cache.list().pop();

  expect(cache.list()).toEqual(["one", "two", "nine"]);
});
