import { expect, test, vi } from "vitest";
import { PlatformError } from "../../src/errors.ts";
import { passTime, stopClock, turns } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { type Bench, createBarrier, deliver, startBench } from "../support/worker.ts";

test("a clock that jumps ahead by eleven minutes does not begin a job in hand twice", async () => {
  stopClock();
  const barrier = createBarrier();
  const handle = vi.fn(async () => {
    await barrier.pass();
    return "replied";
  });
  const bench = await startBench({ handle });
  await deliver(bench, aJob(), aJob());
  await passTime(100);
  expect(barrier.waiting()).toBe(2);
  vi.setSystemTime(Date.now() + 660_000);
  await deliver(bench, aJob());
  await passTime(3000);
  expect(handle).toHaveBeenCalledTimes(3);
  barrier.open();
  await passTime(100);
  expect(await bench.store.desk.countByState()).toMatchObject({ done: 3, working: 0 });
});

test("a clock set back by two hours makes nothing wait for two hours", async () => {
  stopClock();
  let isUp = false;
  const handle = vi.fn(async () => {
    if (!isUp) throw new Error("not yet");
    return "replied";
  });
  const bench = await startBench({ handle });
  const first = aJob({ lane: "room-1" });
  await deliver(bench, first);
  await passTime(10);
  expect(handle).toHaveBeenCalledTimes(1);
  vi.setSystemTime(Date.now() - 7_200_000);
  isUp = true;
  await deliver(bench, aJob({ lane: "room-1" }));
  await turns();
  await passTime(2000);
  expect(await bench.store.desk.countByState()).toMatchObject({ done: 2 });
});

test("a clock set back by two hours does not lengthen a pause that the platform asked for", async () => {
  stopClock();
  const asked: number[] = [];
  const bench: Bench = await startBench({
    async handle({ quota }) {
      await bench.gate.pass(quota, "Webex");
      asked.push(performance.now());
      if (asked.length > 1) return "replied";
      await bench.gate.hold(quota, 3000);
      throw new PlatformError("Slow down.", { status: 429, retryable: true, retryAfterMs: 3000 });
    },
  });
  await deliver(bench, aJob());
  await passTime(100);
  expect(asked).toHaveLength(1);
  vi.setSystemTime(Date.now() - 7_200_000);
  await passTime(12_000, 100);
  expect(asked).toHaveLength(2);
  expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThanOrEqual(3000);
});
