import { expect, test, vi } from "vitest";
import { turns } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { type BenchOptions, createBarrier, deliver, startBench } from "../support/worker.ts";

/** A worker whose jobs stay in hand until they are let through; `begun`: their keys, in the order they began. */
async function startHolding(options: Omit<BenchOptions, "handle"> = {}) {
  const barrier = createBarrier();
  const begun: string[] = [];
  let onBegin: () => void = () => {};
  const bench = await startBench({
    ...options,
    async handle({ key }) {
      begun.push(key);
      onBegin();
      await barrier.pass();
      return "replied";
    },
  });
  return {
    ...bench,
    bench,
    barrier,
    begun,
    onBegin: (listener: () => void) => {
      onBegin = listener;
    },
  };
}

const jobs = (count: number) => Array.from({ length: count }, () => aJob());

test("deliveries that arrive one after the other are answered before the first of their jobs begins", async () => {
  const { bench, begun } = await startHolding();
  const begunWhenAnswered: number[] = [];
  for (const job of jobs(5)) {
    await deliver(bench, job);
    begunWhenAnswered.push(begun.length);
  }
  expect(begunWhenAnswered).toEqual([0, 0, 0, 0, 0]);
  await vi.waitFor(() => expect(begun).toHaveLength(5));
});

test("a delivery that arrives as a burst is about to begin is answered long before the whole burst has begun", async () => {
  const { bench, store, begun, onBegin } = await startHolding();
  let begunWhenAnswered: number | null = null;
  onBegin(() => {
    onBegin(() => {});
    void store.inbox.accept([aJob()]).then(() => {
      begunWhenAnswered = begun.length;
    });
  });
  await deliver(bench, ...jobs(64));
  await vi.waitFor(() => expect(begun).toHaveLength(64));
  expect(begunWhenAnswered).toBeLessThanOrEqual(32);
});

test("a burst begins in the order in which it arrived", async () => {
  const { bench, barrier, begun } = await startHolding();
  const burst = jobs(100);
  await deliver(bench, ...burst);
  const letThrough = setInterval(() => barrier.open(), 5);
  await vi.waitFor(() => expect(begun).toHaveLength(100)).finally(() => clearInterval(letThrough));
  barrier.open();
  expect(begun).toEqual(burst.map(({ key }) => key));
});

test("when the limit drops while a backlog begins, at most 64 jobs are in hand, and none follows until there is room", async () => {
  // The limit drops at the worker's second look, at later ones, and finally after all have begun.
  for (const looks of [1, 2, 3, 5, 8, 12]) {
    let looked = 0;
    let isNarrow = false;
    const mostNow = () => {
      looked += 1;
      isNarrow ||= looked > looks;
      return isNarrow ? 8 : 64;
    };
    const { bench, barrier, begun, worker } = await startHolding({ mostNow });
    await deliver(bench, ...jobs(100));
    await vi.waitFor(() => expect(begun.length).toBeGreaterThan(0));
    await turns(100);
    expect(barrier.waiting()).toBeLessThanOrEqual(64);

    isNarrow = true;
    const before = begun.length;
    while (barrier.waiting() > 8) {
      barrier.open(1);
      await turns(10);
    }
    expect(begun).toHaveLength(before);
    barrier.open(1);
    await vi.waitFor(() => expect(begun).toHaveLength(before + 1));
    expect(barrier.waiting()).toBe(8);
    await worker.stop(0);
  }
});
