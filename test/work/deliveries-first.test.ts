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

const quiet = { hasArrivals: false };

test.each<[string, number, [busy: number, how?: typeof quiet][], number[]]>([
  ["is full for a process that waits for others", 64, [[0], [0.5], [0.9]], [64, 64, 64]],
  ["is low while the process is busy and deliveries arrive", 64, [[1], [1], [1]], [64, 8, 8]],
  [
    "stays while it is busy with jobs alone: nobody waits for an answer",
    64,
    [
      [1, quiet],
      [1, quiet],
    ],
    [64, 64],
  ],
  [
    "rises with each look once it is less busy, or nothing arrives any more",
    64,
    [[1], [1], [0.4], [1, quiet], [0.4], [0.4]],
    [64, 8, 16, 32, 64, 64],
  ],
  ["stays if it is low anyway", 2, [[1], [1], [1]], [2, 2, 2]],
  ["stays for a burst, which is taken in hand as a whole", 64, [[1], [1, quiet], [1]], [64, 64, 64]],
])("the limit %s", (_what, most, looks, limits) => {
  const { after, adjustedLimit } = createProcess(most);
  expect(adjustedLimit()).toBe(most);
  expect(looks.map(([busy, how]) => after(busy, how))).toEqual(limits);
  // Between two looks nothing changes.
  expect(adjustedLimit()).toBe(limits.at(-1));
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
