import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { runCliProcess } from "../support/cli.ts";
import { deliverMessage } from "../support/deliveries.ts";
import { deliverKept, readiness, refusedStart, startServerOn } from "../support/server-on-database.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

const LOCKED =
  "The database could not be written: another program has kept it locked for 5 s. Try again; if it stays so, end that program (an open transaction in sqlite3, perhaps, or a backup tool).";

/** Another program that holds the write lock, until it is told to let go. */
function lockedBy(path: string): { letGo: () => void } {
  const other = new DatabaseSync(path, { timeout: 5000 });
  onTestFinished(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  return { letGo: () => other.exec("ROLLBACK") };
}

async function slowestHealth(url: string, looks: number): Promise<number> {
  let slowest = 0;
  for (let n = 0; n < looks; n += 1) {
    const begun = performance.now();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    slowest = Math.max(slowest, performance.now() - begun);
  }
  return slowest;
}

test("while another program holds the write lock the server answers, deliveries wait, and are kept when it lets go", async () => {
  const path = join(temporaryFolder(), "test.db");
  const server = await startServerOn(path);
  await deliverKept(server.url, 1);
  const { letGo } = lockedBy(path);

  const waiting = Array.from({ length: 5 }, () => deliverMessage(server.url));
  let answered = 0;
  for (const one of waiting) void one.then(() => (answered += 1));
  // A commit that blocks the loop takes 5000 ms.
  expect(await slowestHealth(server.url, 50)).toBeLessThan(1000);
  expect(answered).toBe(0);
  letGo();

  for (const { status, key } of await Promise.all(waiting)) {
    expect(status).toBe(200);
    expect(await openTestStore(path).desk.find(key)).not.toBeNull();
  }
});

test("deliveries are answered 503 when it does not let go, and 200 once it has", async () => {
  const path = join(temporaryFolder(), "test.db");
  const server = await startServerOn(path);
  const { letGo } = lockedBy(path);
  const refused = deliverMessage(server.url);
  const ready = readiness(server.url);
  expect(await slowestHealth(server.url, 50)).toBeLessThan(1000);
  const { status, key } = await refused;
  expect(status).toBe(503);
  expect(await ready).toEqual({
    status: 503,
    database: LOCKED,
  });
  expect(await openTestStore(path).desk.find(key)).toBeNull();
  letGo();
  await deliverKept(server.url, 1);
}, 15_000);

test("a start and a command that meet the lock end with a sentence", async () => {
  const path = join(temporaryFolder(), "test.db");
  const store = openTestStore(path);
  await store.check();
  lockedBy(path);
  const [start, command] = await Promise.all([
    refusedStart(path),
    runCliProcess("inbox", ["retry", "--all-dead"], { DATABASE_URL: `file:${path}` }),
  ]);
  expect(start).toEqual({
    code: 1,
    stderr: `DATABASE_URL: another program has kept the database ${path} locked for 5 s. End it (an open transaction in sqlite3, perhaps, or a backup tool), then start again.\n`,
  });
  expect(command).toEqual({
    code: 1,
    out: "",
    err: `${LOCKED}\n`,
  });
}, 20_000);

test("what asks while the group waits joins it, and all is kept in order", async () => {
  const path = join(temporaryFolder(), "test.db");
  const { inbox, desk } = openTestStore(path);
  const job = (n: number) =>
    ({ platform: "webex", key: `k${n}`, lane: "one", quota: "q", payload: {} }) as const;
  const { letGo } = lockedBy(path);
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const asked: Promise<number>[] = [];
  for (let n = 1; n <= 6; n += 1) {
    asked.push(inbox.accept([job(n)]));
    await nextTurn();
    await vi.advanceTimersByTimeAsync(50);
  }
  letGo();
  await vi.advanceTimersByTimeAsync(50);
  expect(await Promise.all(asked)).toEqual([1, 1, 1, 1, 1, 1]);
  const kept = await desk.list({ state: null, limit: 10 });
  expect(kept.map(({ key }) => key)).toEqual(["k6", "k5", "k4", "k3", "k2", "k1"]);
});

test("a store that is closed while the lock is held still writes what waits", async () => {
  const path = join(temporaryFolder(), "test.db");
  const store = openTestStore(path);
  const { letGo } = lockedBy(path);
  const accepted = store.inbox.accept([
    { platform: "webex", key: "last", lane: "one", quota: "q", payload: {} },
  ]);
  const closed = store.close();
  await nextTurn();
  letGo();
  expect(await accepted).toBe(1);
  await closed;
  expect(await openTestStore(path).desk.find("last")).not.toBeNull();
});
