import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { LeaseLost } from "../../src/errors.ts";
import type { NewJob } from "../../src/job.ts";
import { passTime, stopClock, turns } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";
import { type BenchOptions, createBarrier, createBench, deliver, startBench } from "../support/worker.ts";

/** A bench whose jobs stop halfway until the barrier lets them through. */
async function startGated(options: Omit<BenchOptions, "handle"> = {}) {
  const barrier = createBarrier();
  const handle = vi.fn(async () => {
    await barrier.pass();
    return "replied";
  });
  return { ...(await startBench({ ...options, handle })), barrier, handle };
}

/** The message logged once for a job that was settled too late. */
function noLongerOurs({ key }: NewJob) {
  return expect.stringMatching(new RegExp(`^Job ${key} is no longer ours`));
}

describe("stopping", () => {
  test("waits for the jobs in hand, and no longer", async () => {
    const bench = await startGated();
    await deliver(bench, aJob());
    await vi.waitFor(() => expect(bench.barrier.waiting()).toBe(1));
    const stopped = vi.fn();
    const stopping = bench.worker.stop(600_000).then(stopped);
    await turns();
    expect(stopped).not.toHaveBeenCalled();
    bench.barrier.open();
    await stopping;
    expect(await bench.store.desk.countByState()).toMatchObject({ done: 1, working: 0 });
  });

  test("puts back jobs that do not finish in time; what comes of them later does not count", async () => {
    const bench = await startGated();
    const job = aJob();
    await deliver(bench, job);
    await vi.waitFor(() => expect(bench.barrier.waiting()).toBe(1));
    await bench.worker.stop(10);
    expect(await bench.store.desk.countByState()).toMatchObject({ waiting: 1, working: 0 });
    expect(bench.sink.messages()).toContain("Not finished in time; these jobs continue at the next start.");
    bench.barrier.open();
    await vi.waitFor(() => expect(bench.sink.messages()).toContainEqual(noLongerOurs(job)));
    expect(await bench.store.desk.countByState()).toMatchObject({ waiting: 1, done: 0 });
  });

  test("claims no more jobs, whatever is delivered or finishes meanwhile", async () => {
    const bench = await startGated({ concurrency: 1 });
    await deliver(bench, aJob(), aJob());
    await vi.waitFor(() => expect(bench.barrier.waiting()).toBe(1));
    const stopping = bench.worker.stop(600_000);
    await deliver(bench, aJob());
    bench.barrier.open();
    await stopping;
    await deliver(bench, aJob());
    await turns();
    expect(bench.handle).toHaveBeenCalledTimes(1);
    expect(await bench.store.desk.countByState()).toEqual({ waiting: 3, working: 0, done: 1, dead: 0 });
  });

  test("at the very moment of a delivery leaves no job in hand", async () => {
    const bench = await startBench({ handle: async () => "replied" });
    await deliver(bench, aJob(), aJob());
    await bench.worker.stop(1000);
    const { waiting, working, done } = await bench.store.desk.countByState();
    expect({ working, all: waiting + done }).toEqual({ working: 0, all: 2 });
  });

  test("a worker that was never started does nothing", async () => {
    const handle = vi.fn(async () => "replied");
    const bench = createBench({ handle });
    await deliver(bench, aJob());
    await turns();
    await bench.worker.stop(1000);
    expect(handle).not.toHaveBeenCalled();
  });
});

describe("a job that another worker has taken meanwhile", () => {
  test("is not settled by its former worker, and is done by the new one", async () => {
    const bench = await startGated();
    const job = aJob();
    await deliver(bench, job);
    await vi.waitFor(() => expect(bench.barrier.waiting()).toBe(1));
    await bench.store.inbox.recover();
    bench.worker.wake();
    await vi.waitFor(() => expect(bench.barrier.waiting()).toBe(2));
    bench.barrier.open(1);
    await vi.waitFor(() => expect(bench.sink.messages()).toContainEqual(noLongerOurs(job)));
    expect(await bench.store.desk.countByState()).toMatchObject({ working: 1, done: 0 });
    bench.barrier.open();
    await vi.waitFor(async () => expect((await bench.store.desk.countByState()).done).toBe(1));
  });

  test("goes no further once its progress can no longer be saved", async () => {
    const barrier = createBarrier();
    const thrown: unknown[] = [];
    const bench = await startBench({
      async handle({ attempts }, save) {
        if (attempts > 1) return "replied";
        await barrier.pass();
        await save({ joined: true }).catch((error: unknown) => {
          thrown.push(error);
          throw error;
        });
        return "never";
      },
    });
    const job = aJob();
    await deliver(bench, job);
    await vi.waitFor(() => expect(barrier.waiting()).toBe(1));
    await bench.store.inbox.recover();
    bench.worker.wake();
    await vi.waitFor(async () => expect((await bench.store.desk.countByState()).done).toBe(1));
    barrier.open();
    await vi.waitFor(() => expect(thrown).toEqual([expect.any(LeaseLost)]));
    await turns();
    expect(bench.sink.messages()).toContain("The job is no longer ours; this result does not count.");
    expect(await bench.store.desk.find(job.key)).toMatchObject({
      state: "done",
      outcome: "replied",
      progress: {},
    });
  });
});

test("a job that a command puts back is found within about a second", async () => {
  stopClock();
  const path = join(temporaryFolder(), "test.db");
  const [store, besides] = [openTestStore(path), openTestStore(path)];
  const handle = vi.fn(async () => "replied");
  const bench = await startBench({ handle, store });
  await turns();
  const job = aJob();
  await besides.inbox.accept([job]);
  expect(handle).not.toHaveBeenCalled();
  await passTime(1200, 100);
  expect(handle).toHaveBeenCalledTimes(1);
  expect(await bench.store.desk.find(job.key)).toMatchObject({ state: "done" });
});
