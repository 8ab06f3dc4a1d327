import { setTimeout as sleep } from "node:timers/promises";
import { sentenceOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { type Inbox, SETTLED_KEPT_MS } from "../store/store.ts";

const EVERY_MS = 600_000;
/** Deleted jobs are gone for good, so the clock must run steadily for this long before it is trusted. */
const STEADY_MS = 3_600_000;
/** More than a clock drifts in that time, and less than matters here. */
const CLOCK_TOLERANCE_MS = 60_000;
const BATCH = 500;
/** Between batches, so that deliveries and jobs get their turn at the database. */
const PAUSE_MS = 50;

export type Pruning = { stop(): Promise<void> };

export type PruningOptions = {
  inbox: Inbox;
  log: Log;
  /** Whether this server is to do it; one does it for all. Default: it is. */
  leads?: () => boolean;
  /** For how many milliseconds settled jobs are kept. */
  keepMs?: number;
  /** For how many milliseconds the clock must run steadily before anything is deleted. */
  steadyMs?: number;
};

/**
 * Deletes settled jobs after 7 days, in batches; until then, a repeated delivery is recognized. A clock that is a week ahead
 * would delete them all, so nothing is deleted until the clock has run steadily for an hour.
 */
export function startPruning(options: PruningOptions): Pruning {
  const { inbox, log, leads = () => true, keepMs = SETTLED_KEPT_MS, steadyMs = STEADY_MS } = options;
  const steadyForMs = startSteadiness();
  let stopped = false;
  let round = prune();
  const timer = setInterval(() => {
    round = round.then(prune);
  }, EVERY_MS);

  async function prune(): Promise<void> {
    if (!leads() || steadyForMs() < steadyMs) return;
    try {
      while (!stopped && (await inbox.prune(keepMs, BATCH)) === BATCH) await sleep(PAUSE_MS);
    } catch (error) {
      log.warn(
        `Old jobs could not be deleted; next try in ${EVERY_MS / 60_000} minutes: ${sentenceOf(error)}`,
      );
    }
  }

  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await round;
    },
  };
}

/** Measures for how many milliseconds the wall clock has kept pace with the monotonic clock. */
function startSteadiness(): () => number {
  let since = { wall: Date.now(), monotonic: performance.now() };
  return () => {
    const now = { wall: Date.now(), monotonic: performance.now() };
    const isSet = Math.abs(now.wall - since.wall - (now.monotonic - since.monotonic)) > CLOCK_TOLERANCE_MS;
    if (isSet) since = now;
    return now.monotonic - since.monotonic;
  };
}
