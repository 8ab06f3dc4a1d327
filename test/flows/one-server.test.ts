import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "../support/cli.ts";
import {
  deliverKept,
  refusalOf,
  refusedStart,
  startHereOn,
  startServerOn,
} from "../support/server-on-database.ts";
import { temporaryFolder } from "../support/store.ts";

/** A place for a database, and another folder. */
function newPlace() {
  const folder = temporaryFolder();
  const elsewhere = join(folder, "elsewhere");
  mkdirSync(elsewhere);
  return { path: join(folder, "test.db"), folder, elsewhere };
}

/** The database as another program sees it. */
function openPlain(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5000 });
  onTestFinished(() => {
    if (db.isOpen) db.close();
  });
  return db;
}

const IS_RUNNING = "another server is running on";

test("a second server does not start on the database, by whatever path, and the first one goes on", async () => {
  const { path, folder, elsewhere } = newPlace();
  const first = await startServerOn(path);
  const link = join(elsewhere, "link.db");
  symlinkSync(path, link);
  symlinkSync(folder, join(elsewhere, "data"));

  for (const name of [path, link, join(elsewhere, "data", "test.db")])
    expect(await refusalOf(name)).toContain(IS_RUNNING);
  expect(existsSync(`${link}.lock`)).toBe(false);
  rmSync(`${path}.lock`);
  const { code, stderr } = await refusedStart(path);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(IS_RUNNING) });
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);

  await deliverKept(first.url, 2);
});

test("neither a server nor a command uses the database by a hard link, and the running server goes on", async () => {
  const { path, folder, elsewhere } = newPlace();
  const first = await startServerOn(path);
  for (const link of [join(folder, "hard.db"), join(elsewhere, "hard.db")]) {
    linkSync(path, link);
    const sentence = `the database ${link} has 2 names (hard links)`;
    expect(await refusalOf(link)).toContain(sentence);
    const command = await runCli("inbox", ["list"], { DATABASE_URL: `file:${link}` });
    expect(command).toMatchObject({ code: 1, err: expect.stringContaining(sentence) });
    expect(statSync(path).nlink).toBe(2);
    rmSync(link);
  }
  await deliverKept(first.url, 2);
});

test("a server that was killed does not keep the next one from starting, even if a command has the database open and the lock file is gone", async () => {
  const { path } = newPlace();
  await (await startServerOn(path)).kill();
  const server = await startServerOn(path);
  openPlain(path).prepare("SELECT count(*) FROM jobs").get();
  await server.kill();
  rmSync(`${path}.lock`);
  await startServerOn(path);
});

test("a process that has the number of a killed server by now does not count as that server", async () => {
  const { path } = newPlace();
  await (await startServerOn(path)).kill();
  deleteLock(path);
  const other = openPlain(path);
  // This test's own process, which was started at another time than the server that it stands for.
  other.prepare("UPDATE server SET pid = ?, host = ?").run(process.pid, hostname());
  await startServerOn(path);
});

/** Deletes the lock file as under a running server, which keeps its number from being used again. */
function deleteLock(path: string): void {
  const kept = openSync(`${path}.lock`, "r");
  onTestFinished(() => closeSync(kept));
  rmSync(`${path}.lock`);
}

test("a killed server of another host name does not keep the next one from starting; without its lock file it might be running", async () => {
  const { path } = newPlace();
  const other = openPlain(path);
  const killElsewhere = async () => {
    await (await startServerOn(path)).kill();
    other.exec("UPDATE server SET host = 'another-host', pid = 7");
  };

  await killElsewhere();
  await killElsewhere();
  deleteLock(path);
  const refusal = `DATABASE_URL: process 7 on host another-host was the last server on ${path}; some program has the database open, and that server may still be running. Stop it; if it is gone, end whatever else has the database open (sqlite3 or a backup tool, perhaps). Then start again.`;
  for (let n = 0; n < 2; n += 1) expect(await refusalOf(path)).toBe(refusal);
  other.close();
  await startHereOn(path);
});

test("a server that stops leaves nothing behind that names it", async () => {
  const { path } = newPlace();
  const server = await startHereOn(path);
  expect(openPlain(path).prepare("SELECT count(*) AS servers FROM server").get()).toEqual({ servers: 1 });
  await server.stop();
  expect(openPlain(path).prepare("SELECT count(*) AS servers FROM server").get()).toEqual({ servers: 0 });
});

test("a newer release changes nothing in the database while an older server runs on it, even if its lock file was deleted", async () => {
  const { path } = newPlace();
  const server = await startServerOn(path);
  const plain = openPlain(path);
  const versionOf = () => Number(plain.prepare("PRAGMA user_version").get()?.user_version);
  const older = versionOf() - 1;
  plain.exec(`PRAGMA user_version = ${older}`);
  const expectRefused = async () => {
    expect(await refusalOf(path)).toContain(IS_RUNNING);
    expect(await runCli("inbox", ["list"], { DATABASE_URL: `file:${path}` })).toMatchObject({
      code: 1,
      err: `DATABASE_URL: the server that runs on ${path} is of an older release than this command. Restart the server first: it brings the database up to date.\n`,
    });
    expect(versionOf()).toBe(older);
  };

  await expectRefused();
  rmSync(`${path}.lock`);
  await expectRefused();

  await deliverKept(server.url, 1);
});

const FIRST_RELEASE = readFileSync(new URL("../store/sqlite/first-release.sql", import.meta.url), "utf8");

/** What the first releases leave to be seen: an open database without a server's row, and a lock beside the name they were given. */
function openAsFirstReleases() {
  const { path, elsewhere } = newPlace();
  const older = openPlain(path);
  older.exec(FIRST_RELEASE);
  older.exec("PRAGMA journal_mode = WAL; SELECT count(*) FROM jobs");
  const link = join(elsewhere, "link.db");
  symlinkSync(path, link);
  const lock = openPlain(`${link}.lock`);
  lock.exec("BEGIN EXCLUSIVE");
  return { path, older, versionOf: () => older.prepare("PRAGMA user_version").get() };
}

test("a newer release changes nothing while a server runs of which only the open file tells, and starts once that has ended", async () => {
  const { path, older, versionOf } = openAsFirstReleases();

  const command = await runCli("inbox", ["list"], { DATABASE_URL: `file:${path}` });
  const server = await refusalOf(path);

  const sentence = `DATABASE_URL: the database ${path} was made by an older release, and another program has it open. Stop the server of that release, and whatever else has it open (sqlite3 or a backup tool, perhaps); then start this release's server: it brings the database up to date.`;
  expect(command).toEqual({ code: 1, out: "", err: `${sentence}\n` });
  expect(server).toBe(sentence);
  expect(versionOf()).toEqual({ user_version: 1 });
  expect(older.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'server'").get()).toBeUndefined();

  older.close();
  await deliverKept((await startHereOn(path)).url, 1);
});

test("a command brings a database up to date that nobody has open", async () => {
  const { path, older } = openAsFirstReleases();
  older.close();
  const command = await runCli("inbox", ["list"], { DATABASE_URL: `file:${path}` });
  expect(command).toMatchObject({ code: 0, err: "", out: expect.stringContaining("kept-1") });
  expect(openPlain(path).prepare("PRAGMA user_version").get()).not.toEqual({ user_version: 1 });
});
