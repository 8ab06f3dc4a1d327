import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { PlatformError } from "../../src/errors.ts";
import type { Job } from "../../src/job.ts";
import { aClaim } from "../store/in-hand.ts";
import { passTime, stopClock, turns } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { openTestStore } from "../support/store.ts";
import { createBarrier, deliver, startBench } from "../support/worker.ts";

const replied = async () => "replied";

test("a job begins at once, not at the next look; its outcome is kept, and logged with its key", async () => {
  stopClock();
  const handle = vi.fn(replied);
  const bench = await startBench({ handle });
  await turns();
  const job = aJob();
  await deliver(bench, job);
  await turns();
  expect(handle).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ ...job, attempts: 1, progress: {} }),
    expect.any(Function),
  );
  expect(await bench.store.desk.countByState()).toMatchObject({ done: 1, waiting: 0, working: 0 });
  expect(await bench.store.desk.find(job.key)).toMatchObject({ outcome: "replied" });
  expect(bench.sink.messages()).toContain("Job done: replied");
  expect(bench.sink.text()).toContain(job.key);
});

describe("how many jobs are in hand", () => {
  test("is up to 64, and one more for each that finishes", async () => {
    const gate = createBarrier();
    let begun = 0;
    const bench = await startBench({
      async handle() {
        begun += 1;
        await gate.pass();
        return "replied";
      },
    });
    await deliver(bench, ...Array.from({ length: 70 }, () => aJob()));
    await vi.waitFor(() => expect(begun).toBe(64));
    await turns();
    expect(begun).toBe(64);
    gate.open(1);
    await vi.waitFor(() => expect(begun).toBe(65));
    await turns();
    expect(begun).toBe(65);
    gate.open();
    await vi.waitFor(() => expect(begun).toBe(70));
    gate.open();
  });

  test("however often jobs fail, each lane goes in order and one at a time, and all jobs get done", async () => {
    stopClock();
    const planned = fc.record({
      lane: fc.constantFrom("a", "b", "c", "d"),
      failures: fc.integer({ min: 0, max: 2 }),
      status: fc.constantFrom(null, 423, 429, 503),
      turns: fc.integer({ min: 0, max: 3 }),
    });
    const plans = fc.array(planned, { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(plans, fc.integer({ min: 1, max: 5 }), async (plan, concurrency) => {
        const jobs = plan.map(({ lane }) => aJob({ lane, quota: `quota of ${lane}` }));
        const planOf = new Map(jobs.map(({ key }, at) => [key, plan[at]]));
        const running = new Set<string>();
        const finished: Job[] = [];
        async function handle(job: Job): Promise<string> {
          const { failures = 0, status = null, turns: needed = 0 } = planOf.get(job.key) ?? {};
          expect(running).not.toContain(job.lane);
          running.add(job.lane);
          expect(running.size).toBeLessThanOrEqual(concurrency);
          await turns(needed);
          running.delete(job.lane);
          if (job.attempts <= failures) throw new PlatformError("failed", { status, retryable: true });
          finished.push(job);
          return "replied";
        }
        const bench = await startBench({ handle, concurrency });
        await deliver(bench, ...jobs);
        for (let s = 0; s < 60 && finished.length < jobs.length; s += 1) await passTime(1000, 100);
        for (const lane of ["a", "b", "c", "d"]) {
          const keys = (of: readonly { lane: string; key: string }[]) =>
            of.filter((job) => job.lane === lane).map(({ key }) => key);
          expect(keys(finished)).toEqual(keys(jobs));
        }
        await turns();
        expect((await bench.store.desk.countByState()).done).toBe(jobs.length);
        await bench.worker.stop(0);
      }),
      { numRuns: 12 },
    );
  });

  test("without room for more, the database is not queried over and over", async () => {
    stopClock();
    const gate = createBarrier();
    let asked = 0;
    const bench = await startBench({
      concurrency: 2,
      async handle() {
        await gate.pass();
        return "replied";
      },
      inbox: (inbox) => ({
        ...inbox,
        nextDueInMs: (...whose) => {
          asked += 1;
          return inbox.nextDueInMs(...whose);
        },
      }),
    });
    await deliver(bench, aJob({ quota: "one" }), aJob({ quota: "other" }), aJob({ quota: "one" }));
    await turns();
    expect(gate.waiting()).toBe(2);
    asked = 0;
    await passTime(1000, 10);
    gate.open();
    expect(asked).toBeLessThanOrEqual(5);
  });
});

test("a new process continues with the last one's jobs in hand, without waiting for their leases", async () => {
  const store = openTestStore();
  const job = aJob();
  await store.inbox.accept([job]);
  await store.inbox.claim(aClaim({ owner: "worker-1", limit: 1, leaseMs: 600_000 }));
  const handle = vi.fn(replied);
  const { sink } = await startBench({ handle, store });
  await vi.waitFor(() =>
    expect(handle).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ key: job.key, attempts: 2 }),
      expect.any(Function),
    ),
  );
  expect(sink.messages()).toContain("Continuing the jobs that the last process had in hand.");
});

test("a job whose platform is not set up is left alone until it is", async () => {
  stopClock();
  const bench = await startBench({ handle: async () => "replied" });
  const later = aJob({ key: "chatio:later", platform: "chatio", quota: "chatio:1520" });
  await deliver(bench, aJob({ key: "webex:now" }), later);
  await passTime(120_000, 1000);

  expect(await bench.store.desk.find("webex:now")).toMatchObject({ state: "done" });
  expect(await bench.store.desk.find("chatio:later")).toMatchObject({ state: "waiting", attempts: 0 });
});
