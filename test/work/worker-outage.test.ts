import { expect, test } from "vitest";
import { PlatformError } from "../../src/errors.ts";
import { passTime, stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { openTestStore } from "../support/store.ts";
import { startBench } from "../support/worker.ts";

const HOUR_MS = 3_600_000;
const LANES = 150;
const JOBS_A_LANE = 2;

test("after an outage of an hour all waiting jobs are done, in order and without a stampede", async () => {
  stopClock();
  const backAt = Date.now() + HOUR_MS;
  let underWay = 0;
  /** How many jobs were running at the start of each attempt: after half an hour of the outage, and once it was over. */
  const away: number[] = [];
  const back: { crowd: number; doneBefore: number }[] = [];
  const done: string[] = [];
  const store = openTestStore();
  const bench = await startBench({
    store,
    async handle({ key }) {
      underWay += 1;
      if (Date.now() >= backAt) back.push({ crowd: underWay, doneBefore: done.length });
      else if (Date.now() >= backAt - HOUR_MS / 2) away.push(underWay);
      await new Promise((resolve) => setTimeout(resolve, 50));
      underWay -= 1;
      if (Date.now() < backAt) throw new PlatformError("Nobody there.", { retryable: true });
      done.push(key);
      return "replied";
    },
  });
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    Array.from({ length: JOBS_A_LANE }, (_, turn) =>
      aJob({ lane: `webex:${lane}`, key: `webex:${lane}-${turn}` }),
    ),
  );
  await store.inbox.accept(lanes.flat());
  bench.worker.wake();

  await passTime(HOUR_MS, 10_000);
  expect(done).toEqual([]);
  expect(await store.desk.countByState()).toMatchObject({ dead: 0, done: 0 });
  // During a long outage, one job at a time probes it.
  expect(Math.max(...away)).toBe(1);

  for (let minute = 0; minute < 4 && done.length < LANES * JOBS_A_LANE; minute += 1)
    await passTime(60_000, 100);
  expect(await store.desk.countByState()).toMatchObject({
    waiting: 0,
    working: 0,
    dead: 0,
    done: LANES * JOBS_A_LANE,
  });
  for (const [lane, jobs] of lanes.entries()) {
    expect(done.filter((key) => key.startsWith(`webex:${lane}-`))).toEqual(jobs.map(({ key }) => key));
  }
  expect(await store.holds.list()).toEqual([]);
  // After it, each success lets one more in.
  expect(back.filter(({ crowd, doneBefore }) => crowd > doneBefore + 1)).toEqual([]);
  expect(Math.max(...back.map(({ crowd }) => crowd))).toBeGreaterThan(8);
});
