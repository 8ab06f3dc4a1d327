import { performance } from "node:perf_hooks";

const LOOK_EVERY_MS = 100;
/** From this share of the time on, the process itself is what everybody waits for. */
const BUSY = 0.9;
/** Enough to keep it busy while each job waits for its platform now and then. */
const LEAST = 8;

export type HeadroomOptions = {
  /** Milliseconds of any clock that only goes forward. */
  now?: () => number;
  /** The share of the time since the last question in which the process was busy, from 0 to 1. */
  utilization?: () => number;
};

export type Headroom = {
  /** A delivery was accepted. */
  arrived(): void;
  /** So many jobs may be in hand now. */
  mostNow(): number;
};

/**
 * How many jobs may be in hand. As long as the process mostly waits for others, all of them; when it is busy itself,
 * more at once do not get done any sooner, and make the deliveries that still arrive wait for their answer. A burst is no
 * reason, since its jobs wait for their platform most of the time: it takes two looks.
 */
export function createHeadroom(
  most: number,
  { now = () => performance.now(), utilization = createUtilization() }: HeadroomOptions = {},
): Headroom {
  const least = Math.min(LEAST, most);
  let limit = most;
  let lookedAt = now();
  let hasArrivals = false;
  let wasTight = false;

  return {
    arrived() {
      hasArrivals = true;
    },
    mostNow() {
      if (now() - lookedAt < LOOK_EVERY_MS) return limit;
      const isTight = utilization() > BUSY && hasArrivals;
      lookedAt = now();
      hasArrivals = false;
      limit = isTight && wasTight ? least : Math.min(limit * 2, most);
      wasTight = isTight;
      return limit;
    },
  };
}

function createUtilization(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
