import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { ConfigError } from "../../../src/errors.ts";
import { openServerDatabase } from "../../../src/store/sqlite/open.ts";
import { aJob } from "../../support/jobs.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";
import { claimOne } from "../in-hand.ts";

/** The complaint that opening the database ends in. */
function complaint(path: string): string {
  try {
    openTestStore(path);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the database was opened");
}

/** The database as another program sees it. */
function openPlain(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  onTestFinished(() => {
    if (db.isOpen) db.close();
  });
  return db;
}

test("a file that is no database is refused with its path, and not changed", () => {
  const path = join(temporaryFolder(), "notes.txt");
  writeFileSync(path, "Buy milk.\n".repeat(100));
  const sentence = complaint(path);
  expect(sentence).toContain(`DATABASE_URL: the database ${path} is damaged (file is not a database). `);
  expect(readFileSync(path, "utf8")).toBe("Buy milk.\n".repeat(100));
});

test("a folder in the database's place, or one that cannot be created, is refused with the database's path", () => {
  const folder = join(temporaryFolder(), "folder");
  mkdirSync(folder);
  expect(complaint(folder)).toContain(`DATABASE_URL: the database ${folder} cannot be used: EISDIR`);
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const path = join(file, "test.db");
  expect(complaint(path)).toContain(`DATABASE_URL: the database ${path} cannot be used: `);
});

test("a database of a newer release is refused with its path and what to do, and not changed", () => {
  const path = join(temporaryFolder(), "test.db");
  const plain = openPlain(path);
  plain.exec("PRAGMA user_version = 99; CREATE TABLE jobs (new_shape TEXT)");
  const sentence = complaint(path);
  expect(plain.prepare("PRAGMA user_version").get()).toEqual({ user_version: 99 });
  expect(plain.prepare("SELECT sql FROM sqlite_schema").all()).toEqual([
    { sql: "CREATE TABLE jobs (new_shape TEXT)" },
  ]);
  expect(sentence).toContain("has version 99");
  expect(sentence).toContain("Start that one, or name another file in DATABASE_URL.");
  expect(sentence).toContain(path);
});

test("a database that is opened again is not changed", async () => {
  const path = join(temporaryFolder(), "test.db");
  await openTestStore(path).close();
  const plain = openPlain(path);
  const look = () => ({
    ...plain.prepare("PRAGMA user_version").get(),
    schema: plain.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").all(),
  });
  const before = look();
  await openTestStore(path).close();
  expect(look()).toEqual(before);
  expect(before).toMatchObject({ user_version: expect.any(Number) });
  expect(before.schema.length).toBeGreaterThan(3);
});

/** What the first release wrote. It stands for databases that exist, so it is never edited. */
const FIRST_RELEASE = readFileSync(new URL("first-release.sql", import.meta.url), "utf8");

test("a database of the first release is migrated with everything in it", async () => {
  const path = join(temporaryFolder(), "test.db");
  const plain = openPlain(path);
  plain.exec(FIRST_RELEASE);
  plain.close();
  const { inbox, desk, installations, check } = openTestStore(path);
  await check();
  expect(await desk.countByState()).toEqual({ waiting: 2, working: 0, done: 1, dead: 1 });
  expect(await claimOne(inbox)).toMatchObject({
    key: "webex:kept-1",
    attempts: 3,
    progress: { replied: false },
    payload: { messageId: "kept-1" },
  });
  expect(await installations.list()).toMatchObject([
    { account: "1520", botId: "bot-1520", credentials: null, webhookUrl: "" },
  ]);
});

test("new jobs do not reuse the numbers of jobs that an earlier release has settled", async () => {
  const path = join(temporaryFolder(), "test.db");
  const plain = openPlain(path);
  plain.exec(FIRST_RELEASE);
  plain.exec("DELETE FROM jobs WHERE state = 'waiting'");
  plain.close();
  const { inbox, desk } = openTestStore(path);
  const job = aJob();
  await inbox.accept([job]);
  await inbox.settle(await claimOne(inbox), { state: "done", outcome: "replied" }, {});
  expect(await desk.countByState()).toEqual({ waiting: 0, working: 0, done: 2, dead: 1 });
  expect((await desk.list({ state: null, limit: 1 }))[0]?.key).toBe(job.key);
});

test("a start on a full disk names the database, and says to make room", () => {
  const path = join(temporaryFolder(), "test.db");
  // SQLite refuses to grow the file, with the same error as for a disk without space.
  const fill = (db: DatabaseSync) => db.exec("PRAGMA max_page_count = 1; CREATE TABLE filling (bytes BLOB);");
  expect(() => openServerDatabase(path, { prepare: fill })).toThrow(
    `DATABASE_URL: the database ${path} cannot be used: database or disk is full. Make room on its disk.`,
  );
});

test("a migrated database of the first release has the same schema as a new one", async () => {
  const [made, kept] = [join(temporaryFolder(), "test.db"), join(temporaryFolder(), "test.db")];
  openPlain(kept).exec(FIRST_RELEASE);
  await openTestStore(kept).close();
  await openTestStore(made).close();
  const [fromNothing, fromFirst] = [made, kept].map((path) =>
    openPlain(path).prepare("SELECT type, name, tbl_name FROM sqlite_schema ORDER BY name").all(),
  );
  expect(fromNothing).toEqual(fromFirst);
  const columns = (path: string) =>
    ["jobs", "settled", "turns", "holds", "installations", "write_check"].map((table) =>
      openPlain(path).prepare("SELECT * FROM pragma_table_info(?)").all(table),
    );
  expect(columns(made)).toEqual(columns(kept));
});
