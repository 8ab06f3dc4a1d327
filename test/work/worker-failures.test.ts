import { describe, expect, test, vi } from "vitest";
import { PlatformError, type PlatformErrorFacts, StoreError } from "../../src/errors.ts";
import type { Inbox } from "../../src/store/store.ts";
import { aClaim } from "../store/in-hand.ts";
import { passTime, stopClock, turns } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { openTestStore } from "../support/store.ts";
import { type Bench, deliver, startBench } from "../support/worker.ts";

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

test("no pause between two attempts is longer than it may be", async () => {
  stopClock();
  const { handle, calledAt } = failing({ status: 503 });
  const bench = await startBench({ handle, longestPauseMs: 2000 });
  await deliver(bench, aJob());
  await passTime(60_000);
  const pauses = calledAt.slice(1).map((at, n) => at - (calledAt[n] ?? 0));
  expect(Math.max(...pauses)).toBeLessThanOrEqual(2050);
  expect(pauses.length).toBeGreaterThan(25);
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

describe("a database that fails", () => {
  const DISK_FULL = new StoreError("The disk is full.");

  /** A bench whose inbox refuses the first calls of one method. */
  async function startRefusing(
    method: "settle" | "recover" | "claim",
    times: number,
    store = openTestStore(),
  ) {
    const handle = vi.fn(async () => "replied");
    let calls = 0;
    const inbox = (real: Inbox): Inbox => ({
      ...real,
      [method](...given: unknown[]) {
        calls += 1;
        return calls <= times ? Promise.reject(DISK_FULL) : Reflect.apply(real[method], real, given);
      },
    });
    return { bench: await startBench({ handle, store, inbox }), handle };
  }

  test("while a job is settled: settling is retried, and the job is not done twice", async () => {
    const { bench, handle } = await startRefusing("settle", 1);
    await deliver(bench, aJob());
    await vi.waitFor(async () => expect((await bench.store.desk.countByState()).done).toBe(1), 4000);
    expect(handle).toHaveBeenCalledTimes(1);
    expect(bench.sink.text()).toContain(
      "The job could not be settled, next try in a second: The disk is full.",
    );
  });

  test("for minutes: the log has the first few lines, then a count each minute", async () => {
    stopClock();
    const { bench } = await startRefusing("claim", 500);
    await bench.store.inbox.accept([aJob()]);
    await passTime(130_000, 500);
    const said = bench.sink.messages().filter((line) => line.startsWith("The inbox "));
    expect(said.slice(0, 5)).toEqual(
      Array(5).fill("The inbox is unusable, next try in a second: The disk is full."),
    );
    expect(said.slice(5)).toEqual([
      expect.stringMatching(/^The inbox was unusable, 5\d more times within a minute\.$/),
      expect.stringMatching(/^The inbox was unusable, [56]\d more times within a minute\.$/),
    ]);
  });

  test("while the worker starts: it takes back the last process's jobs a second later, and does them", async () => {
    stopClock();
    const store = openTestStore();
    await store.inbox.accept([aJob()]);
    await store.inbox.claim(aClaim({ owner: "killed" }));
    const { bench, handle } = await startRefusing("recover", 2, store);
    await passTime(900);
    expect(handle).not.toHaveBeenCalled();
    await passTime(200);
    expect(handle).toHaveBeenCalledTimes(1);
    expect(bench.sink.text()).toContain("The inbox is unusable, next try in a second: The disk is full.");
  });

  test("while jobs are claimed: they are claimed a second later, without a delivery", async () => {
    stopClock();
    const { bench, handle } = await startRefusing("claim", 1);
    await bench.store.inbox.accept([aJob()]);
    await passTime(900);
    expect(handle).not.toHaveBeenCalled();
    await passTime(200);
    expect(handle).toHaveBeenCalledTimes(1);
    expect(bench.sink.text()).toContain("The inbox is unusable, next try in a second: The disk is full.");
  });
});
