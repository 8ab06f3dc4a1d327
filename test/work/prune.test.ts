import { describe, expect, onTestFinished, test, vi } from "vitest";
import { StoreError } from "../../src/errors.ts";
import type { Inbox, Store } from "../../src/store/store.ts";
import { type PruningOptions, startPruning } from "../../src/work/prune.ts";
import { claimOne, DEAD, DONE } from "../store/in-hand.ts";
import { stopClock, turns } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { createLogSink } from "../support/log.ts";
import { openTestStore } from "../support/store.ts";

const DAY_MS = 24 * 3_600_000;

const HOUR_MS = 3_600_000;

/** With a clock that has long been steady, by default. */
function startTestPruning(inbox: Inbox, options: Partial<PruningOptions> = { steadyMs: 0 }) {
  const sink = createLogSink();
  const pruning = startPruning({ inbox, log: sink.log, ...options });
  onTestFinished(() => pruning.stop());
  return { pruning, sink };
}

/** Advances both clocks together. */
async function passHours(hours: number): Promise<void> {
  for (let n = 0; n < hours * 6; n += 1) {
    await vi.advanceTimersByTimeAsync(HOUR_MS / 6);
    await turns(4);
  }
}

/** An inbox with a `prune` of the test's own. */
function withPrune(prune: Inbox["prune"]): Inbox {
  return { ...openTestStore().inbox, prune };
}

test("a settled job is kept for seven days and then deleted", async () => {
  stopClock();
  const { inbox, desk } = openTestStore();
  for (const settlement of [DONE, DEAD]) {
    await inbox.accept([aJob()]);
    await inbox.settle(await claimOne(inbox), settlement, {});
  }
  await inbox.accept([aJob()]);
  vi.setSystemTime(Date.now() + 7 * DAY_MS);
  const early = startTestPruning(inbox);
  await turns();
  expect(await desk.countByState()).toMatchObject({ done: 1, dead: 1 });
  await early.pruning.stop();
  vi.setSystemTime(Date.now() + 1);
  startTestPruning(inbox);
  await turns();
  expect(await desk.countByState()).toEqual({ waiting: 1, working: 0, done: 0, dead: 0 });
});

describe("a clock that is wrong", () => {
  async function storeWithSettledJob(): Promise<Store> {
    const store = openTestStore();
    await store.inbox.accept([aJob()]);
    await store.inbox.settle(await claimOne(store.inbox), DONE, {});
    return store;
  }
  const done = async ({ desk }: Store) => (await desk.countByState()).done;

  test("by eight days at the start deletes nothing if it is set right within the hour", async () => {
    stopClock();
    const store = await storeWithSettledJob();
    vi.setSystemTime(Date.now() + 8 * DAY_MS);
    startTestPruning(store.inbox, {});
    await passHours(0.5);
    expect(await done(store)).toBe(1);
    vi.setSystemTime(Date.now() - 8 * DAY_MS);
    await passHours(24);
    expect(await done(store)).toBe(1);
  });

  test("by eight days later on deletes nothing either", async () => {
    stopClock();
    const store = await storeWithSettledJob();
    startTestPruning(store.inbox, {});
    await passHours(3);
    vi.setSystemTime(Date.now() + 8 * DAY_MS);
    await passHours(0.5);
    vi.setSystemTime(Date.now() - 8 * DAY_MS);
    await passHours(3);
    expect(await done(store)).toBe(1);
  });

  test("delays only: an hour after it is set right, old jobs are deleted", async () => {
    stopClock();
    const store = await storeWithSettledJob();
    vi.setSystemTime(Date.now() + 7 * DAY_MS + 1);
    startTestPruning(store.inbox, {});
    await passHours(5 / 6);
    expect(await done(store)).toBe(1);
    await passHours(2 / 6);
    expect(await done(store)).toBe(0);
  });
});

test("many jobs are deleted in batches until none is too old, with pauses for deliveries and jobs", async () => {
  const steps = [500, 500, 3];
  const begunAt: number[] = [];
  const prune = vi.fn(async () => {
    begunAt.push(performance.now());
    return steps.shift() ?? 0;
  });
  startTestPruning(withPrune(prune));
  await vi.waitFor(() => expect(prune).toHaveBeenCalledTimes(3));
  expect(prune.mock.calls.map(([, limit]: unknown[]) => limit)).toEqual([500, 500, 500]);
  const pauses = begunAt.slice(1).map((at, n) => at - (begunAt[n] ?? 0));
  expect(Math.min(...pauses)).toBeGreaterThan(25);
});

test("it runs every ten minutes", async () => {
  stopClock();
  const prune = vi.fn(async () => 0);
  startTestPruning(withPrune(prune));
  expect(prune).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(599_999);
  expect(prune).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(prune).toHaveBeenCalledTimes(2);
});

test("a failure of the database is logged, and the next run tries again", async () => {
  stopClock();
  const prune = vi.fn(async () => 0).mockRejectedValueOnce(new StoreError("The disk is full."));
  const { sink } = startTestPruning(withPrune(prune));
  await turns();
  expect(sink.messages()).toEqual([
    "Old jobs could not be deleted; next try in 10 minutes: The disk is full.",
  ]);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(prune).toHaveBeenCalledTimes(2);
});

test("a stop waits for the current batch, and no other begins", async () => {
  stopClock();
  const step = Promise.withResolvers<number>();
  const prune = vi.fn(() => step.promise);
  const { pruning } = startTestPruning(withPrune(prune));
  const stopped = vi.fn();
  const stopping = pruning.stop().then(stopped);
  await turns();
  expect(stopped).not.toHaveBeenCalled();
  step.resolve(500);
  await stopping;
  // An interval left running would keep the process alive.
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(prune).toHaveBeenCalledTimes(1);
});

test("of several servers only the one that leads deletes", async () => {
  stopClock();
  const { inbox, desk } = openTestStore();
  await inbox.accept([aJob()]);
  await inbox.settle(await claimOne(inbox), DONE, {});
  const leads = { now: false };
  startTestPruning(inbox, { steadyMs: 0, leads: () => leads.now });
  await passHours(8 * 24);
  expect((await desk.countByState()).done).toBe(1);
  leads.now = true;
  await passHours(1);
  expect((await desk.countByState()).done).toBe(0);
});
