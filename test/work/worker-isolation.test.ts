import { describe, expect, test, vi } from "vitest";
import { PlatformError } from "../../src/errors.ts";
import type { Job } from "../../src/job.ts";
import type { Platform } from "../../src/platforms/platform.ts";
import { passTime, stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { createBarrier, deliver, startBench } from "../support/worker.ts";

const ofLicense = (license: number) => aJob({ platform: "chatio", quota: `chatio:${license}` });
const many = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));
const down = () => new PlatformError("It is down.", { status: 503, retryable: true });

test("when chat.io hangs for eighty licenses, Webex and other licenses are answered at once", async () => {
  stopClock();
  const hanging = createBarrier();
  const done: Job[] = [];
  const bench = await startBench({
    platforms: ["chatio", "webex"],
    async handle(job) {
      if (job.platform === "chatio" && job.quota !== "chatio:1") await hanging.pass();
      done.push(job);
      return "replied";
    },
  });
  await deliver(bench, ...many(400, (n) => ofLicense(1000 + (n % 80))));
  await passTime(5000, 50);
  expect(done).toEqual([]);
  await deliver(bench, ...many(20, () => aJob()), ofLicense(1));
  await passTime(500);
  expect(done).toHaveLength(21);
  hanging.open();
});

describe("a license whose platform is down", () => {
  async function startDown(handle: Platform["handle"]) {
    stopClock();
    const bench = await startBench({ handle });
    await deliver(bench, ...many(500, () => aJob({ quota: "down" })));
    return bench;
  }

  test("is probed by one job now and then; the others are not touched, and no attempt of theirs is counted", async () => {
    const handle = vi.fn(async () => Promise.reject(down()));
    const bench = await startDown(handle);
    await passTime(10_000, 100);
    const calls = handle.mock.calls.length;
    await passTime(600_000, 1000);
    // Once a minute.
    expect(handle.mock.calls.length - calls).toBeLessThanOrEqual(15);
    const untried = (await bench.store.desk.list({ state: "waiting", limit: 1000 })).filter(
      ({ attempts }) => attempts === 0,
    );
    expect(untried.length).toBeGreaterThan(400);
  });

  test("is not stormed after a restart: the new process makes no call before the pause is over, and then one", async () => {
    const bench = await startDown(async () => Promise.reject(down()));
    await passTime(120_000, 500);
    await bench.worker.stop(0);
    const [pause] = await bench.store.holds.list();
    expect(pause?.ms).toBeGreaterThan(1000);

    const handle = vi.fn(async () => Promise.reject(down()));
    await startBench({ handle, store: bench.store });
    await passTime((pause?.ms ?? 0) - 500, 500);
    expect(handle).not.toHaveBeenCalled();
    await passTime(2000, 500);
    expect(handle).toHaveBeenCalledTimes(1);
  });
});

test("a worker with nothing to do writes nothing: it looks, and claims only what there is", async () => {
  stopClock();
  const claims = vi.fn();
  const bench = await startBench({
    handle: async () => "replied",
    inbox: (inbox) => ({
      ...inbox,
      claim(claim) {
        claims();
        return inbox.claim(claim);
      },
    }),
  });
  await passTime(1000);
  claims.mockClear();
  await passTime(60_000, 500);
  expect(claims).not.toHaveBeenCalled();
  await deliver(bench, aJob());
  await passTime(100);
  expect((await bench.store.desk.countByState()).done).toBe(1);
});
