import { join } from "node:path";
import { expect, test } from "vitest";
import { passTime, stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";
import { type Bench, createBarrier, deliver, startBench } from "../support/worker.ts";

const MINUTE_MS = 60_000;

/** This many workers over one database, each with its own store as if in its own process, all behind one barrier. */
async function startWorkers(count: number) {
  const path = join(temporaryFolder(), "test.db");
  const barrier = createBarrier();
  const begun: string[] = [];
  const benches: Bench[] = [];
  for (let n = 0; n < count; n += 1) {
    const handle = async ({ key }: { key: string }) => {
      begun.push(key);
      await barrier.pass();
      return "replied";
    };
    benches.push(await startBench({ handle, store: openTestStore(path) }));
  }
  const [first] = benches;
  if (first === undefined) throw new Error("no worker");
  return { first, barrier, begun };
}

test.each([1, 2])(
  "a job that takes nine minutes is begun once, while %i workers look for jobs, and then it is done",
  async (workers) => {
    stopClock();
    const { first, barrier, begun } = await startWorkers(workers);
    const job = aJob();
    await deliver(first, job);

    await passTime(9 * MINUTE_MS, 1000);
    expect(begun).toEqual([job.key]);

    barrier.open();
    await passTime(1000, 100);
    expect(await first.store.desk.find(job.key)).toMatchObject({ state: "done", attempts: 1 });
    expect(begun).toEqual([job.key]);
  },
);
