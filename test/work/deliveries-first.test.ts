import { expect, test, vi } from "vitest";
import { createDeliveriesFirst } from "../../src/work/deliveries-first.ts";
import { stopClock, turns } from "../support/clock.ts";

/** A process that is as busy as the test says. */
function createProcess(most = 64) {
  stopClock();
  const state = { busy: 0 };
  const deliveries = createDeliveriesFirst({ most, whenBusy: 8, utilization: () => state.busy });
  return {
    /** The limit a moment later, after this share of busy time, with or without deliveries arriving. */
    after(busy: number, { hasArrivals = true } = {}): number {
      vi.advanceTimersByTime(100);
      state.busy = busy;
      if (hasArrivals) deliveries.arrived();
      return deliveries.adjustedLimit();
    },
    adjustedLimit: deliveries.adjustedLimit,
  };
}

test("a process that waits for others has the full limit", () => {
  const { after, adjustedLimit } = createProcess();
  expect(adjustedLimit()).toBe(64);
  expect([after(0), after(0.5), after(0.9)]).toEqual([64, 64, 64]);
});

test("while the process is busy and deliveries arrive, the limit is low", () => {
  const { after } = createProcess();
  expect([after(1), after(1), after(1)]).toEqual([64, 8, 8]);
});

test("while it is busy with jobs alone, the limit stays: nobody waits for an answer", () => {
  const { after } = createProcess();
  expect([after(1, { hasArrivals: false }), after(1, { hasArrivals: false })]).toEqual([64, 64]);
});

test("once it is less busy, or nothing arrives any more, the limit rises with each look", () => {
  const { after } = createProcess();
  after(1);
  after(1);
  expect([after(0.4), after(1, { hasArrivals: false }), after(0.4), after(0.4)]).toEqual([16, 32, 64, 64]);
});

test("between two looks nothing changes", () => {
  const { after, adjustedLimit } = createProcess();
  after(1);
  after(1);
  expect([adjustedLimit(), adjustedLimit()]).toEqual([8, 8]);
});

test("a limit that is low anyway stays as it is", () => {
  const { after } = createProcess(2);
  expect([after(1), after(1), after(1)]).toEqual([2, 2, 2]);
});

test("a burst is taken in hand as a whole, however busy the process gets", () => {
  const { after } = createProcess();
  expect([after(1), after(1, { hasArrivals: false }), after(1)]).toEqual([64, 64, 64]);
});

test("jobs wait until deliveries pause, but not for ever", async () => {
  const deliveries = createDeliveriesFirst({ most: 64, whenBusy: 8 });
  const pause = vi.fn();
  void deliveries.quiet().then(pause);
  deliveries.arrived();
  await turns(1);
  expect(pause).not.toHaveBeenCalled();
  await turns(10);
  expect(pause).toHaveBeenCalledOnce();

  let isOver = false;
  void deliveries.quiet().then(() => {
    isOver = true;
  });
  for (let turn = 0; turn < 50 && !isOver; turn += 1) {
    deliveries.arrived();
    await turns(1);
  }
  expect(isOver).toBe(true);
});
