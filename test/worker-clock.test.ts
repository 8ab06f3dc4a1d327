import { expect, test, vi } from "vitest";
import { passTime, stopClock, turns } from "./support/clock.ts";
import { aJob } from "./support/jobs.ts";
import { createBarrier, deliver, startBench } from "./support/worker.ts";

test("a clock that jumps ahead by eleven minutes makes no job in hand begin a second time", async () => {
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

test("a clock that is set back by two hours makes nothing wait for two hours", async () => {
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
