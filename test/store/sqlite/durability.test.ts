import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { ClaimedJob, Inbox } from "../../../src/store/store.ts";
import { aJob } from "../../support/jobs.ts";
import { newDatabase, openTestStore, temporaryFolder } from "../../support/store.ts";
import { aClaim, claimOne, DONE } from "../in-hand.ts";
import { commitsIn } from "./wal.ts";

function newPath(): string {
  return join(temporaryFolder(), "test.db");
}

test("commits go to the disk itself, unless told otherwise: write-ahead log, synchronous FULL", () => {
  const path = newDatabase();
  const prepare = vi.spyOn(DatabaseSync.prototype, "prepare");
  onTestFinished(() => prepare.mockRestore());
  openTestStore(path);
  // The setting belongs to the store's own connection, so that is the one to ask.
  const connection: unknown = prepare.mock.contexts.at(0);
  if (!(connection instanceof DatabaseSync)) throw new Error("the store has no connection");
  expect(connection.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 2 });
  expect(connection.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
});

describe("a commit waits for the disk", () => {
  /** Of each commit that the work brings about, whether it does. */
  async function waits(work: (inbox: Inbox) => Promise<unknown>): Promise<boolean[]> {
    const { inbox } = openTestStore();
    await inbox.accept([aJob()]);
    const { exec } = DatabaseSync.prototype;
    const seen: boolean[] = [];
    const spy = vi.spyOn(DatabaseSync.prototype, "exec").mockImplementation(function (
      this: DatabaseSync,
      sql,
    ) {
      if (sql === "COMMIT") seen.push(this.prepare("PRAGMA synchronous").get()?.synchronous === 2);
      exec.call(this, sql);
    });
    await work(inbox).finally(() => spy.mockRestore());
    return seen;
  }

  const later = { state: "waiting", error: "refused", afterMs: 0 } as const;
  const claimed = (work: (inbox: Inbox, job: ClaimedJob) => Promise<unknown>) => async (inbox: Inbox) =>
    work(inbox, await claimOne(inbox));

  test.each<[string, (inbox: Inbox) => Promise<unknown>, boolean[]]>([
    ["for a delivery", (inbox) => inbox.accept([aJob()]), [true]],
    ["not for a claim, which is made again", (inbox) => claimOne(inbox), [false]],
    [
      "for progress, and then not for the end: the job would go on from there",
      claimed(async (inbox, job) => {
        await inbox.saveProgress(job, { sent: 1 });
        await inbox.settle(job, DONE, { sent: 1 });
      }),
      [false, true, false],
    ],
    [
      "for the end of a job without progress, which would be done again",
      claimed((inbox, job) => inbox.settle(job, DONE, {})),
      [false, true],
    ],
    [
      "for an end with progress that could not be saved before",
      claimed((inbox, job) => inbox.settle(job, later, { sent: 1 })),
      [false, true],
    ],
    [
      "not for an attempt that has come no further",
      claimed((inbox, job) => inbox.settle(job, later, {})),
      [false, false],
    ],
    [
      "for all writes of one turn if one of them needs it",
      (inbox) => Promise.all([claimOne(inbox), inbox.accept([aJob()])]),
      [true],
    ],
  ])("%s", async (_what, work, expected) => {
    expect(await waits(work)).toEqual(expected);
  });
});

test("deliveries of several connections in one turn of the event loop share one commit; later ones have their own", async () => {
  const path = newPath();
  const { inbox } = openTestStore(path);
  await inbox.accept([aJob()]);
  const before = commitsIn(path);
  const arriving = Array.from({ length: 10 }, () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    // Each in a callback of its own, as data of different sockets comes.
    setImmediate(() => resolve(inbox.accept([aJob()])));
    return promise;
  });
  await Promise.all(arriving);
  expect(commitsIn(path) - before).toBe(1);
  for (let n = 0; n < 3; n += 1) await inbox.accept([aJob()]);
  expect(commitsIn(path) - before).toBe(4);
});

test("claims, progress and settlements share a commit, too", async () => {
  const path = newPath();
  const { inbox } = openTestStore(path);
  await inbox.accept(Array.from({ length: 20 }, () => aJob()));
  const jobs = await inbox.claim(aClaim({ owner: "worker-1", limit: 20, leaseMs: 1000 }));
  const before = commitsIn(path);
  await Promise.all(jobs.map((job) => inbox.settle(job, DONE, {})));
  expect(commitsIn(path) - before).toBe(1);
});

test("nothing is accepted before it is committed", async () => {
  const path = newPath();
  const { inbox } = openTestStore(path);
  const other = new DatabaseSync(path);
  onTestFinished(() => other.close());
  const count = other.prepare("SELECT count(*) AS jobs FROM jobs");
  const seen = inbox.accept([aJob()]).then(() => count.get());
  expect(count.get()).toEqual({ jobs: 0 });
  expect(await seen).toEqual({ jobs: 1 });
});

test("an accepted job survives a kill in the same moment", async () => {
  const path = newPath();
  const store = new URL("../../../src/store/sqlite/index.ts", import.meta.url).href;
  const job = aJob();
  const program = `
    import { openSqliteStore } from ${JSON.stringify(store)};
    const { inbox } = openSqliteStore({ path: ${JSON.stringify(path)}, encryptionSecretsOf: () => [] });
    await inbox.accept([${JSON.stringify(job)}]);
    process.kill(process.pid, "SIGKILL");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [said, [, signal]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  expect({ signal, said }).toEqual({ signal: "SIGKILL", said: "" });
  expect(await claimOne(openTestStore(path).inbox)).toMatchObject(job);
});
