import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { openServerStore } from "../../../src/store/sqlite/index.ts";
import { watchFiles } from "../../../src/store/sqlite/same-file.ts";
import type { Store } from "../../../src/store/store.ts";
import { aJob } from "../../support/jobs.ts";
import { temporaryFolder } from "../../support/store.ts";

async function openServed() {
  const path = join(temporaryFolder(), "test.db");
  const open = () => openServerStore({ path, encryptionSecretsOf: () => [] });
  // Twice: the second start may need one page more, and from then on the size stays.
  for (let start = 0; start < 2; start += 1) await open().close();
  const earlier = readFileSync(path);
  const store = open();
  onTestFinished(() => store.close().catch(() => {}));
  return { path, store, earlier };
}

/** As `cp -p` does: the content and the time of an earlier copy, in the same file. */
function copyOver(path: string, earlier: Buffer): void {
  expect(statSync(path).size).toBe(earlier.length);
  writeFileSync(path, earlier);
  utimesSync(path, 1_700_000_000, 1_700_000_000);
}

function checkpoint(path: string, mode: "PASSIVE" | "TRUNCATE"): void {
  const other = new DatabaseSync(path, { timeout: 5000 });
  other.exec(`PRAGMA wal_checkpoint(${mode})`);
  other.close();
}

test.each([0, 1, 2, 3, 10])(
  "a database that is overwritten after %d commits is noticed at the next commit and all later ones",
  async (commits) => {
    const { path, store, earlier } = await openServed();
    for (let n = 0; n < commits; n += 1) await store.check();
    copyOver(path, earlier);
    for (let n = 0; n < 3; n += 1) await expect(store.check()).rejects.toThrow("was overwritten");
  },
);

test.each(["PASSIVE", "TRUNCATE"] as const)(
  "so is one that is overwritten some commits after a checkpoint (%s)",
  async (mode) => {
    for (let commits = 1; commits < 4; commits += 1) {
      const { path, store, earlier } = await openServed();
      await store.check();
      checkpoint(path, mode);
      for (let n = 0; n < commits; n += 1) await store.check();
      copyOver(path, earlier);
      await expect(store.check()).rejects.toThrow("was overwritten");
    }
  },
);

test("a database of which only the time has changed, as by touch, is not refused", async () => {
  const { path, store } = await openServed();
  for (let n = 0; n < 12; n += 1) {
    utimesSync(path, 1_700_000_000 + n, 1_700_000_000 + n);
    await store.check();
    if (n % 3 === 0) checkpoint(path, n % 2 === 0 ? "PASSIVE" : "TRUNCATE");
    if (n % 4 === 0) await store.check();
  }
});

test("one that is overwritten after only its time had changed is noticed", async () => {
  const { path, store, earlier } = await openServed();
  utimesSync(path, 1_600_000_000, 1_600_000_000);
  await store.check();
  copyOver(path, earlier);
  await expect(store.check()).rejects.toThrow("was overwritten");
});

const someCommits = async (store: Store) => {
  for (let n = 0; n < 3; n += 1) await store.inbox.accept([aJob()]);
};

test.each<[string, (wal: string, earlier: Buffer) => void]>([
  ["emptied", (wal) => truncateSync(wal, 0)],
  ["cut to its half", (wal) => truncateSync(wal, Math.floor(statSync(wal).size / 2))],
  ["cut by one byte", (wal) => truncateSync(wal, statSync(wal).size - 1)],
  ["overwritten by an earlier copy of itself", (wal, earlier) => writeFileSync(wal, earlier)],
  [
    "overwritten in its place by an earlier copy of itself",
    (wal, earlier) => writeFileSync(wal, Buffer.concat([earlier], statSync(wal).size)),
  ],
  ["overwritten by zeros", (wal) => writeFileSync(wal, Buffer.alloc(statSync(wal).size))],
])("a log that is %s is noticed at the next commit and all later ones", async (_way, harm) => {
  const { path, store } = await openServed();
  await someCommits(store);
  const earlier = readFileSync(`${path}-wal`);
  await someCommits(store);
  harm(`${path}-wal`, earlier);
  for (let n = 0; n < 3; n += 1) {
    await expect(store.check()).rejects.toThrow(`${path}-wal was overwritten or cut`);
  }
});

test("so is one that was emptied and then written to by another program", async () => {
  const { path, store } = await openServed();
  const other = new DatabaseSync(path, { timeout: 5000 });
  onTestFinished(() => other.close());
  await someCommits(store);
  // So that it knows the pages that it needs then.
  other.exec("UPDATE job_counts SET jobs = jobs + 1");
  truncateSync(`${path}-wal`, 0);
  other.exec("UPDATE job_counts SET jobs = jobs + 1");
  await expect(store.check()).rejects.toThrow("was overwritten or cut");
});

test("other programs may write and restart the log", async () => {
  const { path, store } = await openServed();
  const other = new DatabaseSync(path, { timeout: 5000 });
  onTestFinished(() => other.close());
  const modes = ["PASSIVE", "FULL", "RESTART", "TRUNCATE"];
  for (let n = 0; n < 40; n += 1) {
    other.exec("UPDATE job_counts SET jobs = jobs + 1");
    await store.inbox.accept([aJob()]);
    other.exec(`PRAGMA wal_checkpoint(${modes[n % modes.length]})`);
    if (n % 3 === 0) other.exec("BEGIN; UPDATE job_counts SET jobs = 0; ROLLBACK");
    await store.check();
  }
});

test("they may do so at any moment of a check", async () => {
  const { path } = await openServed();
  const watch = watchFiles(path, () => {});
  const program = `
    const db = new (require("node:sqlite").DatabaseSync)(${JSON.stringify(path)}, { timeout: 5000 });
    console.log("begun");
    for (;;) db.exec("UPDATE job_counts SET jobs = jobs + 1; UPDATE job_counts SET jobs = jobs + 1; PRAGMA wal_checkpoint(TRUNCATE)");`;
  const other = spawn(process.execPath, ["--eval", program], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void other.kill());
  await once(other.stdout, "data");
  const end = performance.now() + 1000;
  let looks = 0;
  for (; performance.now() < end; looks += 1) watch.verify();
  expect(looks).toBeGreaterThan(1000);
  watch.close();
});
