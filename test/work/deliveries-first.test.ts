import { expect, test, vi } from "vitest";
import { createDeliveriesFirst } from "../../src/work/deliveries-first.ts";
import { stopClock, turns } from "../support/clock.ts";

/** A process that is as busy as told, looked at whenever a look is due. */
function createProcess(most = 64) {
  stopClock();
  const state = { busy: 0 };
  const deliveries = createDeliveriesFirst({ most, whenBusy: 8, utilization: () => state.busy });
  return {
    /** What there is room for a moment later, after this share of work, and with deliveries coming or not. */
    after(busy: number, { hasArrivals = true } = {}): number {
      vi.advanceTimersByTime(100);
      state.busy = busy;
      if (hasArrivals) deliveries.arrived();
      return deliveries.mostNow();
    },
    mostNow: deliveries.mostNow,
  };
}

test("a process that waits for others takes as much in hand as it ever may", () => {
  const { after, mostNow } = createProcess();
  expect(mostNow()).toBe(64);
  expect([after(0), after(0.5), after(0.9)]).toEqual([64, 64, 64]);
});

test("while it is busy itself and deliveries arrive it takes a few at a time", () => {
  const { after } = createProcess();
  expect([after(1), after(1), after(1)]).toEqual([64, 8, 8]);
});

test("busy with jobs alone it goes on with all of them: nobody waits for an answer", () => {
  const { after } = createProcess();
  expect([after(1, { hasArrivals: false }), after(1, { hasArrivals: false })]).toEqual([64, 64]);
});

test("once it is less busy, or nothing arrives any more, there is room again, more with each look", () => {
  const { after } = createProcess();
  after(1);
  after(1);
  expect([after(0.4), after(1, { hasArrivals: false }), after(0.4), after(0.4)]).toEqual([16, 32, 64, 64]);
});

test("between two looks nothing changes", () => {
  const { after, mostNow } = createProcess();
  after(1);
  after(1);
  expect([mostNow(), mostNow()]).toEqual([8, 8]);
});

test("where little may be in hand anyway it stays so", () => {
  const { after } = createProcess(2);
  expect([after(1), after(1), after(1)]).toEqual([2, 2, 2]);
});

test("a burst is taken in hand as a whole, however busy that is", () => {
  const { after } = createProcess();
  expect([after(1), after(1, { hasArrivals: false }), after(1)]).toEqual([64, 64, 64]);
});

test("jobs wait for a pause among deliveries, but not while deliveries never stop", async () => {
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
