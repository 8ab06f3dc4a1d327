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
import { runCliProcess } from "../support/cli.ts";
import { deliverKept, refusedStart, startServerOn } from "../support/server-on-database.ts";
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

test.each([
  ["by its own path", ({ path }: ReturnType<typeof newPlace>) => path],
  [
    "by a symbolic link",
    ({ path, elsewhere }) => {
      symlinkSync(path, join(elsewhere, "link.db"));
      return join(elsewhere, "link.db");
    },
  ],
  [
    "by a linked folder",
    ({ folder, elsewhere }) => {
      symlinkSync(folder, join(elsewhere, "data"));
      return join(elsewhere, "data", "test.db");
    },
  ],
  [
    "after the lock file was deleted",
    ({ path }) => {
      rmSync(`${path}.lock`);
      return path;
    },
  ],
] satisfies [string, (place: ReturnType<typeof newPlace>) => string][])(
  "a second server does not start on the database %s, and the first one goes on",
  async (_way, way) => {
    const place = newPlace();
    const first = await startServerOn(place.path);
    await deliverKept(first.url, 2);

    const name = way(place);
    const { code, stderr } = await refusedStart(name);

    if (name.includes("link.db")) expect(existsSync(`${name}.lock`)).toBe(false);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(IS_RUNNING) });
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    await deliverKept(first.url, 2);
  },
);

test.each(["the same folder", "another folder"])(
  "a second server does not start by a hard link in %s, and the first one goes on",
  async (where) => {
    const { path, folder, elsewhere } = newPlace();
    const first = await startServerOn(path);
    await deliverKept(first.url, 2);
    const link = join(where === "the same folder" ? folder : elsewhere, "hard.db");
    linkSync(path, link);

    const { code, stderr } = await refusedStart(link);

    expect(code).toBe(1);
    expect(stderr).toContain(`the database ${link} has 2 names (hard links)`);
    expect(statSync(path).nlink).toBe(2);
    await deliverKept(first.url, 2);
  },
);

test("a command does not use the database by a hard link, either", async () => {
  const { path, elsewhere } = newPlace();
  const server = await startServerOn(path);
  await deliverKept(server.url, 1);
  linkSync(path, join(elsewhere, "hard.db"));
  const ended = await runCliProcess("inbox", ["list"], {
    DATABASE_URL: `file:${join(elsewhere, "hard.db")}`,
  });
  expect(ended).toMatchObject({ code: 1, err: expect.stringContaining("has 2 names (hard links)") });
});

test("a server that was killed does not keep the next one from starting at once", async () => {
  const { path } = newPlace();
  for (let round = 0; round < 3; round += 1) {
    const server = await startServerOn(path);
    await deliverKept(server.url, 2);
    await server.kill();
  }
  await startServerOn(path);
});

test("nor does one that was killed while a command has the database open, and whose lock file is gone", async () => {
  const { path } = newPlace();
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

/** A database that names a server that was killed, in a container that had another name; another program has it open. */
async function startedElsewhere() {
  const { path } = newPlace();
  await (await startServerOn(path)).kill();
  const other = openPlain(path);
  other.exec("UPDATE server SET host = 'another-host', pid = 7");
  return { path, other };
}

test("a container that was killed is followed by one of another name, whatever else has the database open", async () => {
  const { path } = await startedElsewhere();
  await deliverKept((await startServerOn(path)).url, 1);
});

test("a server of another host name whose lock file was deleted may be running while somebody has the database open", async () => {
  const { path, other } = await startedElsewhere();
  deleteLock(path);
  const refusal = {
    code: 1,
    stderr: `DATABASE_URL: process 7 on host another-host was the last server on ${path}; some program has the database open, and that server may still be running. Stop it; if it is gone, end whatever else has the database open (sqlite3 or a backup tool, perhaps). Then start again.\n`,
  };
  for (let n = 0; n < 2; n += 1) expect(await refusedStart(path)).toEqual(refusal);
  other.close();
  await startServerOn(path);
});

test("a server that stops leaves nothing behind that names it", async () => {
  const { path } = newPlace();
  const server = await startServerOn(path);
  expect(openPlain(path).prepare("SELECT count(*) AS servers FROM server").get()).toEqual({ servers: 1 });
  await server.stop();
  expect(openPlain(path).prepare("SELECT count(*) AS servers FROM server").get()).toEqual({ servers: 0 });
});

/** A running server whose database has the version of an older release. */
async function startOlder() {
  const { path } = newPlace();
  const server = await startServerOn(path);
  const plain = openPlain(path);
  const versionOf = () => Number(plain.prepare("PRAGMA user_version").get()?.user_version);
  const version = versionOf() - 1;
  plain.exec(`PRAGMA user_version = ${version}`);
  return { path, server, version, versionOf };
}

test.each([
  ["", () => {}],
  [", although its lock file was deleted", (path: string) => rmSync(`${path}.lock`)],
])(
  "a newer release changes nothing in the database while an older server runs on it%s",
  async (_, prepare) => {
    const { path, server, version, versionOf } = await startOlder();
    prepare(path);

    expect(await refusedStart(path)).toMatchObject({ code: 1, stderr: expect.stringContaining(IS_RUNNING) });
    const command = await runCliProcess("inbox", ["list"], { DATABASE_URL: `file:${path}` });

    expect(command).toMatchObject({
      code: 1,
      err: `DATABASE_URL: the server that runs on ${path} is of an older release than this command. Restart the server first: it brings the database up to date.\n`,
    });
    expect(versionOf()).toBe(version);
    await deliverKept(server.url, 1);
  },
);

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

  const command = await runCliProcess("inbox", ["list"], { DATABASE_URL: `file:${path}` });
  const server = await refusedStart(path);

  const sentence = `DATABASE_URL: the database ${path} was made by an older release, and another program has it open. Stop the server of that release, and whatever else has it open (sqlite3 or a backup tool, perhaps); then start this release's server: it brings the database up to date.\n`;
  expect(command).toEqual({ code: 1, out: "", err: sentence });
  expect(server).toEqual({ code: 1, stderr: sentence });
  expect(versionOf()).toEqual({ user_version: 1 });
  expect(older.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'server'").get()).toBeUndefined();

  older.close();
  await deliverKept((await startServerOn(path)).url, 1);
});

test("a command brings a database up to date that nobody has open", async () => {
  const { path, older } = openAsFirstReleases();
  older.close();
  const command = await runCliProcess("inbox", ["list"], { DATABASE_URL: `file:${path}` });
  expect(command).toMatchObject({ code: 0, err: "", out: expect.stringContaining("kept-1") });
  expect(openPlain(path).prepare("PRAGMA user_version").get()).not.toEqual({ user_version: 1 });
});
