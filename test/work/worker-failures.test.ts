import { describe, expect, test, vi } from "vitest";
import { PlatformError, type PlatformErrorFacts, StoreError } from "../../src/errors.ts";
import type { Inbox } from "../../src/store/store.ts";
import { aClaim } from "../store/in-hand.ts";
import { passTime, stopClock, turns } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { openTestStore } from "../support/store.ts";
import { type Bench, createBarrier, deliver, startBench } from "../support/worker.ts";

/** Records when it is called, and fails this many times. */
function failing(facts: Partial<PlatformErrorFacts>, times = Number.POSITIVE_INFINITY) {
  const calledAt: number[] = [];
  const handle = async () => {
    calledAt.push(Date.now());
    if (calledAt.length <= times) throw new PlatformError("It failed.", { retryable: true, ...facts });
    return "replied";
  };
  return { handle, calledAt };
}

/** Fails the only job until it has had this many attempts. */
async function tryInVain(inbox: Inbox, attempts: number): Promise<void> {
  for (let n = 0; n < attempts; n += 1) {
    const [job] = await inbox.claim(aClaim({ owner: "worker-1", limit: 1, leaseMs: 1000 }));
    if (!job) throw new Error("the job is not due");
    await inbox.settle(job, { state: "waiting", error: "no answer", afterMs: 0 }, {});
  }
}

test("a failed job is retried after pauses that double", async () => {
  stopClock();
  const { handle, calledAt } = failing({ status: 503 }, 4);
  const bench = await startBench({ handle });
  await deliver(bench, aJob());
  await passTime(3000);
  const pauses = calledAt.slice(1).map((at, n) => at - (calledAt[n] ?? 0));
  expect(pauses).toHaveLength(4);
  for (const [n, expected] of [125, 250, 500, 1000].entries()) {
    expect(pauses[n]).toBeGreaterThanOrEqual(expected);
    expect(pauses[n]).toBeLessThanOrEqual(expected + 50);
  }
  expect((await bench.store.desk.countByState()).done).toBe(1);
});

test("a platform that says when to retry is not called before", async () => {
  stopClock();
  const { handle, calledAt } = failing({ status: 423, retryAfterMs: 30_000 }, 1);
  const bench = await startBench({ handle });
  await deliver(bench, aJob());
  await passTime(30_000, 500);
  expect(calledAt).toHaveLength(1);
  await passTime(1000, 100);
  expect(calledAt).toHaveLength(2);
});

test("a job refused for good is dead after one attempt, and the next in its lane begins", async () => {
  stopClock();
  const { handle, calledAt } = failing({ status: 403, retryable: false }, 1);
  const bench = await startBench({ handle });
  const [dead, next] = [aJob({ lane: "room-1" }), aJob({ lane: "room-1" })];
  await deliver(bench, dead, next);
  await passTime(120_000, 5000);
  expect(calledAt).toHaveLength(2);
  expect(await bench.store.desk.find(dead.key)).toMatchObject({ state: "dead", lastError: "It failed." });
  expect(await bench.store.desk.find(next.key)).toMatchObject({ state: "done" });
  expect(bench.sink.messages()).toContain("Job dead: It failed.");
});

test("a job is given up after 100 attempts", async () => {
  const store = openTestStore();
  const job = aJob();
  await store.inbox.accept([job]);
  await tryInVain(store.inbox, 99);
  await startBench({ ...failing({ status: 503 }), store });
  await vi.waitFor(async () => expect((await store.desk.find(job.key))?.state).toBe("dead"));
  expect(await store.desk.find(job.key)).toMatchObject({
    attempts: 100,
    lastError: "Given up after 100 attempts: It failed.",
  });
});

test("a call that must succeed is not given up after 100 attempts, nor after 101", async () => {
  stopClock();
  const store = openTestStore();
  const job = aJob();
  await store.inbox.accept([job]);
  await tryInVain(store.inbox, 99);
  await startBench({ ...failing({ status: 503, mustSucceed: true }, 2), store });
  await passTime(100_000, 1000);
  expect(await store.desk.find(job.key)).toMatchObject({ state: "done", attempts: 102 });
});

test("a 429 holds back only the jobs of the same quota", async () => {
  stopClock();
  const handled: string[] = [];
  const bench: Bench = await startBench({
    async handle({ quota, attempts }) {
      handled.push(quota);
      if (quota === "license-1" && attempts === 1 && handled.length === 1) {
        // As the client does on a 429.
        await bench.gate.hold(quota, 20_000);
        throw new PlatformError("Slow down.", { status: 429, retryable: true, retryAfterMs: 20_000 });
      }
      return "replied";
    },
  });
  await deliver(bench, aJob({ quota: "license-1" }));
  await turns();
  await deliver(
    bench,
    aJob({ quota: "license-1" }),
    aJob({ quota: "license-2" }),
    aJob({ quota: "license-2" }),
  );
  await turns();
  expect(handled).toEqual(["license-1", "license-2", "license-2"]);
  await passTime(19_900, 500);
  expect(handled).toHaveLength(3);
  await passTime(1000);
  expect(handled.slice(3)).toEqual(["license-1", "license-1"]);
});

describe("a platform that fails", () => {
  test("is tried with one job at a time, and with more as jobs get through", async () => {
    stopClock();
    const gate = createBarrier();
    let isUp = false;
    const bench = await startBench({
      concurrency: 8,
      async handle() {
        if (!isUp) throw new PlatformError("It is down.", { status: 503, retryable: true });
        await gate.pass();
        return "replied";
      },
    });
    await deliver(bench, ...Array.from({ length: 20 }, () => aJob()));
    await passTime(1000);
    isUp = true;
    const inHand: number[] = [];
    for (const through of [0, 1, 1, 1]) {
      gate.open(through);
      await passTime(5000, 250);
      inHand.push(gate.waiting());
    }
    expect(inHand).toEqual([1, 2, 3, 4]);
    gate.open();
    await passTime(1000);
    expect(gate.waiting()).toBe(8);
    gate.open();
  });

  test("does not slow down another quota", async () => {
    stopClock();
    const gate = createBarrier();
    const bench = await startBench({
      concurrency: 8,
      async handle({ quota }) {
        if (quota === "down") throw new PlatformError("It is down.", { status: null, retryable: true });
        await gate.pass();
        return "replied";
      },
    });
    await deliver(bench, ...Array.from({ length: 8 }, () => aJob({ quota: "down" })));
    await passTime(500);
    await deliver(bench, ...Array.from({ length: 7 }, () => aJob({ quota: "up" })));
    await passTime(500);
    expect(gate.waiting()).toBe(7);
    gate.open();
  });
});

describe("a database that fails", () => {
  test("while a job is settled: settling is retried, and the job is not done twice", async () => {
    const handle = vi.fn(async () => "replied");
    let refusals = 0;
    const bench = await startBench({
      handle,
      inbox: (inbox) => ({
        ...inbox,
        settle(...settlement) {
          refusals += 1;
          if (refusals === 1) return Promise.reject(new StoreError("The disk is full."));
          return inbox.settle(...settlement);
        },
      }),
    });
    await deliver(bench, aJob());
    await vi.waitFor(async () => expect((await bench.store.desk.countByState()).done).toBe(1), 4000);
    expect(handle).toHaveBeenCalledTimes(1);
    expect(bench.sink.text()).toContain(
      "The job could not be settled, next try in a second: The disk is full.",
    );
  });

  test("while the worker starts: it takes back the last process's jobs a second later, and does them", async () => {
    stopClock();
    const handle = vi.fn(async () => "replied");
    const store = openTestStore();
    await store.inbox.accept([aJob()]);
    await store.inbox.claim(aClaim({ owner: "killed" }));
    let recoveries = 0;
    const { sink } = await startBench({
      handle,
      store,
      inbox: (inbox) => ({
        ...inbox,
        recover() {
          recoveries += 1;
          return recoveries <= 2 ? Promise.reject(new StoreError("The disk is full.")) : inbox.recover();
        },
      }),
    });
    await passTime(900);
    expect(handle).not.toHaveBeenCalled();
    await passTime(200);
    expect(handle).toHaveBeenCalledTimes(1);
    expect(sink.text()).toContain("The inbox is unusable, next try in a second: The disk is full.");
  });

  test("while jobs are claimed: they are claimed a second later, without a delivery", async () => {
    stopClock();
    const handle = vi.fn(async () => "replied");
    let claims = 0;
    const bench = await startBench({
      handle,
      inbox: (inbox) => ({
        ...inbox,
        claim(claim) {
          claims += 1;
          return claims === 1 ? Promise.reject(new StoreError("The disk is full.")) : inbox.claim(claim);
        },
      }),
    });
    await bench.store.inbox.accept([aJob()]);
    await passTime(900);
    expect(handle).not.toHaveBeenCalled();
    await passTime(200);
    expect(handle).toHaveBeenCalledTimes(1);
    expect(bench.sink.text()).toContain("The inbox is unusable, next try in a second: The disk is full.");
  });
});
