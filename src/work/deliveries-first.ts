import { performance as processor } from "node:perf_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";

const LOOK_EVERY_MS = 100;
/** Busy for more than this share of the time, the process itself is the bottleneck. */
const BUSY = 0.9;
/** One turn of the event loop is not enough: a delivery may be reported at its end, after the waiting callbacks have run. */
const QUIET_TURNS = 2;
const MOST_TURNS = 10;

export type DeliveriesFirst = {
  /** A delivery was accepted. */
  arrived(): void;
  /** Resolves once two turns of the event loop have brought no delivery, or after ten that did. */
  quiet(): Promise<void>;
  /** How many jobs may be in hand without making deliveries wait; looks at most every 100 ms. */
  adjustedLimit(): number;
};

export type DeliveriesFirstOptions = {
  /** How many jobs may be in hand while the process mostly waits for others. */
  most: number;
  /** How many while the process itself is busy. */
  whenBusy: number;
  /** The share of the time since it was last called in which the process was busy, from 0 to 1. */
  utilization?: () => number;
};

/**
 * Keeps jobs from making deliveries wait. Fewer jobs are allowed only after two busy looks in a row: a single burst of
 * deliveries is no reason, since its jobs mostly wait for their platform.
 */
export function createDeliveriesFirst(options: DeliveriesFirstOptions): DeliveriesFirst {
  const { most, utilization = createUtilization() } = options;
  const whenBusy = Math.min(options.whenBusy, most);
  let count = 0;
  let countAtLook = 0;
  let limit = most;
  let lookedAt = performance.now();
  let wasBusy = false;

  return {
    arrived() {
      count += 1;
    },
    async quiet() {
      let quietTurns = 0;
      for (let turn = 0; turn < MOST_TURNS && quietTurns < QUIET_TURNS; turn += 1) {
        const before = count;
        await nextTurn();
        quietTurns = count === before ? quietTurns + 1 : 0;
      }
    },
    adjustedLimit() {
      if (performance.now() - lookedAt < LOOK_EVERY_MS) return limit;
      const isBusy = utilization() > BUSY && count > countAtLook;
      lookedAt = performance.now();
      countAtLook = count;
      limit = isBusy && wasBusy ? whenBusy : Math.min(limit * 2, most);
      wasBusy = isBusy;
      return limit;
    },
  };
}

function createUtilization(): () => number {
  let last = processor.eventLoopUtilization();
  return () => {
    const now = processor.eventLoopUtilization();
    const { utilization } = processor.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
