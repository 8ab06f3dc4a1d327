import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import type { Store } from "../../../src/store/store.ts";
import { aJob } from "../../support/jobs.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";
import { claimOne, DONE } from "../in-hand.ts";

/** A store in whose file a second connection lets the keeping of the job "bad" fail in the given way. */
function openBroken(...statements: string[]): { store: Store; repair: () => void } {
  const path = join(temporaryFolder(), "test.db");
  const store = openTestStore(path);
  const other = new DatabaseSync(path);
  onTestFinished(() => other.close());
  for (const statement of statements) other.exec(statement);
  return { store, repair: () => other.exec("DROP TRIGGER fails") };
}

const WHEN_BAD = "CREATE TRIGGER fails BEFORE INSERT ON jobs WHEN NEW.key = 'bad'";

const ALONE = {
  "a statement fails": [`${WHEN_BAD} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`],
};

const TOGETHER = {
  // As SQLite does by itself for some errors of the disk.
  "a statement fails and takes the transaction with it": [
    `${WHEN_BAD} BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END`,
  ],
  "the commit itself fails": [
    "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
    "CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
    `${WHEN_BAD} BEGIN INSERT INTO child VALUES (1); END`,
  ],
};

const WAYS = { ...ALONE, ...TOGETHER };

test("if a statement fails, its whole write is refused, and the rest of the commit is kept", async () => {
  const { store } = openBroken(...ALONE["a statement fails"]);
  const [one, two, three] = [aJob(), aJob(), aJob()];
  const shared = await Promise.allSettled([
    store.inbox.accept([one]),
    store.inbox.accept([two, aJob({ key: "bad" })]),
    store.inbox.accept([one, three]),
    store.check(),
    store.inbox.accept([aJob({ key: "bad" })]),
  ]);
  expect(shared).toMatchObject([
    { status: "fulfilled", value: 1 },
    { status: "rejected", reason: expect.any(StoreError) },
    { status: "fulfilled", value: 1 },
    { status: "fulfilled" },
    { status: "rejected", reason: expect.any(StoreError) },
  ]);
  const kept = await store.desk.list({ state: null, limit: 10 });
  expect(kept.map(({ key }) => key)).toEqual([three.key, one.key]);
});

test("if a failure takes the transaction with it, all writes are refused, and told why", async () => {
  const worse = "CREATE TRIGGER worse BEFORE INSERT ON jobs WHEN NEW.key = 'worse'";
  const { store } = openBroken(
    ...ALONE["a statement fails"],
    `${worse} BEGIN SELECT RAISE(ROLLBACK, 'the disk is gone'); END`,
  );
  const shared = await Promise.allSettled(
    ["good", "bad", "worse"].map((key) => store.inbox.accept([aJob({ key })])),
  );
  for (const outcome of shared) {
    const reason = expect.objectContaining({
      message: "The database could not be written: the disk is gone.",
      cause: expect.any(Error),
    });
    expect(outcome).toMatchObject({ status: "rejected", reason });
  }
  expect(await store.desk.countByState()).toMatchObject({ waiting: 0 });
});

test("a write that fails in our own code is refused alone, too", async () => {
  const { store } = openBroken();
  const circle: { [name: string]: string } = {};
  Object.assign(circle, { circle });
  const shared = await Promise.allSettled([
    store.inbox.accept([aJob({ payload: circle })]),
    store.inbox.accept([aJob()]),
  ]);
  expect(shared).toMatchObject([
    { status: "rejected", reason: expect.any(StoreError) },
    { status: "fulfilled", value: 1 },
  ]);
});

test.each(Object.entries(TOGETHER))(
  "if %s, the whole commit is refused and nothing is kept",
  async (_way, statements) => {
    const { store } = openBroken(...statements);
    const shared = await Promise.allSettled([
      store.inbox.accept([aJob()]),
      store.inbox.accept([aJob(), aJob({ key: "bad" })]),
      store.inbox.accept([aJob()]),
    ]);
    for (const outcome of shared) {
      expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(StoreError) });
    }
    expect(await store.desk.countByState()).toEqual({ waiting: 0, working: 0, done: 0, dead: 0 });
  },
);

test.each(Object.entries(WAYS))("after failure (%s), the store works on", async (_way, statements) => {
  const { store, repair } = openBroken(...statements);
  await expect(store.inbox.accept([aJob({ key: "bad" })])).rejects.toThrow(StoreError);
  expect(await store.inbox.accept([aJob({ key: "good" })])).toBe(1);
  await store.inbox.settle(await claimOne(store.inbox), DONE, {});
  repair();
  expect(await store.inbox.accept([aJob({ key: "bad" })])).toBe(1);
});

test("a failed read throws StoreError", async () => {
  const path = join(temporaryFolder(), "test.db");
  const { desk, installations: all } = openTestStore(path);
  const installations = all.of("chatio");
  const other = new DatabaseSync(path);
  onTestFinished(() => other.close());
  other.exec("DROP TABLE installations; DROP TABLE jobs; DROP TABLE job_counts");
  await expect(installations.list()).rejects.toThrow(StoreError);
  await expect(desk.countByState()).rejects.toThrow(
    "The database could not be read: no such table: job_counts.",
  );
});

test("the check fails while the database cannot be written", async () => {
  const path = join(temporaryFolder(), "test.db");
  const store = openTestStore(path);
  const other = new DatabaseSync(path);
  onTestFinished(() => other.close());
  other.exec("CREATE TRIGGER fails BEFORE INSERT ON write_check BEGIN SELECT RAISE(ABORT, 'no space'); END");
  await expect(store.check()).rejects.toThrow(StoreError);
  other.exec("DROP TRIGGER fails");
  await store.check();
});
