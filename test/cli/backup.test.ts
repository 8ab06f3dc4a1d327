import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { runCli, runCliProcess } from "../support/cli.ts";
import { deliverMessage } from "../support/deliveries.ts";
import { aJob, anInstallation } from "../support/jobs.ts";
import { deliverKept, SETTINGS, startServerOn } from "../support/server-on-database.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

/** A database with three jobs and an installation, and a place for its copy. */
async function openFilled() {
  const folder = temporaryFolder();
  const path = join(folder, "test.db");
  const store = openTestStore(path);
  await store.inbox.accept([aJob(), aJob(), aJob()]);
  await store.installations.of("chatio").save(anInstallation());
  const copies = join(folder, "copies");
  mkdirSync(copies);
  const target = join(copies, "copy.db");
  const backUp = (...args: string[]) => runCli("backup", args, { DATABASE_URL: `file:${path}` });
  return { path, store, copies, target, backUp };
}

test("the copy is a complete database in one private file, and its jobs and installations are counted", async () => {
  const { store, backUp, copies } = await openFilled();
  const folder = join(copies, "backups");
  const target = join(folder, "monday.db");
  expect(await backUp(target)).toEqual({
    code: 0,
    out: `${target} holds 3 jobs and 1 installation.\n`,
    err: "",
  });
  expect(readdirSync(folder)).toEqual(["monday.db"]);
  const modes = [folder, target].map((path) => (statSync(path).mode & 0o777).toString(8));
  expect(modes).toEqual(["700", "600"]);
  const copy = openTestStore(target);
  expect(await copy.desk.list({ state: null, limit: 10 })).toEqual(
    await store.desk.list({ state: null, limit: 10 }),
  );
  expect(await copy.installations.list()).toEqual(await store.installations.list());
  expect(await copy.desk.countByState()).toMatchObject({ waiting: 3 });
});

test("while a server accepts without a pause, the copy completes, contains everything accepted before, and a server can run on it", async () => {
  const folder = temporaryFolder();
  const [path, target] = [join(folder, "test.db"), join(folder, "copy.db")];
  const server = await startServerOn(path);
  const before = await deliverKept(server.url, 50);
  let isBackedUp = false;
  const meanwhile: number[] = [];
  const sender = async () => {
    while (!isBackedUp) meanwhile.push((await deliverMessage(server.url)).status);
  };
  const senders = Array.from({ length: 8 }, sender);

  const backup = await runCliProcess("backup", [target], { ...SETTINGS, DATABASE_URL: `file:${path}` });
  isBackedUp = true;
  await Promise.all(senders);
  await server.kill();

  expect(backup).toMatchObject({ code: 0, err: "" });
  expect(meanwhile.length).toBeGreaterThan(20);
  expect(new Set(meanwhile)).toEqual(new Set([200]));
  const restored = await startServerOn(target);
  await deliverKept(restored.url, 1);
  await restored.stop();
  const { desk } = openTestStore(target);
  for (const key of before) expect(await desk.find(key), key).not.toBeNull();
  const [, counted] = /holds (\d+) jobs/.exec(backup.out) ?? [];
  expect(Number(counted)).toBeGreaterThanOrEqual(before.length);
  expect(await desk.list({ state: null, limit: 100_000 })).toHaveLength(Number(counted) + 1);
}, 30_000);

test("an existing file is replaced only with --overwrite", async () => {
  const { target, backUp, copies } = await openFilled();
  writeFileSync(target, "something of worth");
  expect(await backUp(target)).toEqual({
    code: 1,
    out: "",
    err: `${target} exists already. Name another file, or replace this one with --overwrite.\n`,
  });
  expect(readFileSync(target, "utf8")).toBe("something of worth");
  expect(readdirSync(copies)).toEqual([basename(target)]);

  expect(await backUp(target, "--overwrite")).toMatchObject({ code: 0 });
  expect(await openTestStore(target).desk.countByState()).toMatchObject({ waiting: 3 });
});

test.each(["", "-wal", "-shm", ".lock"])(
  "the database's own file with the end %j is never overwritten, by whatever name",
  async (end) => {
    const { path, store, backUp, copies } = await openFilled();
    const link = join(copies, "link");
    symlinkSync(dirname(path), link);
    for (const target of [`${path}${end}`, join(link, `${basename(path)}${end}`)]) {
      expect(await backUp(target, "--overwrite")).toEqual({
        code: 1,
        out: "",
        err: `${target} belongs to the database itself. Name another file for the backup.\n`,
      });
    }
    expect(await store.desk.countByState()).toMatchObject({ waiting: 3 });
  },
);

test("a folder in place of the file, or a file in place of the folder, exits with 1 and says what to do", async () => {
  const { backUp, copies, target } = await openFilled();
  writeFileSync(target, "");
  expect(await backUp(join(target, "copy.db"))).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /^The folder .* for the backup could not be made: .*\. Name a file in a folder that you may write\.\n$/,
    ),
  });
  expect(await backUp(copies)).toMatchObject({
    code: 1,
    err: `${copies} is not a file. Name a file for the backup.\n`,
  });
});

test.skipIf(process.getuid?.() === 0)(
  "a folder that cannot be written ends with 1 and a sentence",
  async () => {
    const { backUp, copies, target } = await openFilled();
    chmodSync(copies, 0o500);
    onTestFinished(() => chmodSync(copies, 0o700));
    expect(await backUp(target)).toMatchObject({
      code: 1,
      err: expect.stringContaining(`The backup ${target} was not made: `),
    });
  },
);

test("a damaged database leaves no copy, not even half of one", async () => {
  const { path, store, target, backUp, copies } = await openFilled();
  await store.inbox.accept(Array.from({ length: 300 }, () => aJob()));
  await store.close();
  const bytes = readFileSync(path);
  bytes.fill(0x55, 8 * 4096, 12 * 4096);
  writeFileSync(path, bytes);
  expect(await backUp(target)).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /malformed\. The database is damaged\. To restore an earlier backup, stop the server, move .*\.\n$/,
    ),
  });
  expect(readdirSync(copies)).toEqual([]);
});

test("a copy that turns out damaged is deleted", async () => {
  const { path, target, backUp, copies } = await openFilled();
  const other = new DatabaseSync(path);
  other.exec("PRAGMA ignore_check_constraints = ON; UPDATE jobs SET state = 'nonsense' WHERE seq = 2");
  other.close();
  expect(await backUp(target)).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringContaining(`The backup ${target} was not made: CHECK constraint failed in jobs`),
  });
  expect(readdirSync(copies)).toEqual([]);
});

test("a database of an older release is copied as it is", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "test.db");
  const old = new DatabaseSync(path);
  old.exec(readFileSync(new URL("../store/sqlite/first-release.sql", import.meta.url), "utf8"));
  old.close();
  const target = join(folder, "copy.db");
  const ended = await runCli("backup", [target], { DATABASE_URL: `file:${path}` });
  expect(ended).toMatchObject({ code: 0, out: `${target} holds 4 jobs and 1 installation.\n` });
  const version = (file: string) => {
    const db = new DatabaseSync(file);
    onTestFinished(() => db.close());
    return db.prepare("PRAGMA user_version").get();
  };
  expect([version(path), version(target)]).toEqual([{ user_version: 1 }, { user_version: 1 }]);
});

test("without a database there is nothing to copy", async () => {
  const path = join(temporaryFolder(), "test.db");
  const settings = { DATABASE_URL: `file:${path}` };
  expect(await runCli("backup", ["copy.db"], settings)).toMatchObject({
    code: 1,
    err: expect.stringContaining(`There is no database at ${path} yet.`),
  });
  expect(existsSync(path)).toBe(false);
});
