import { setTimeout as sleep } from "node:timers/promises";
import { sentenceOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Inbox } from "../store/store.ts";

const KEEP_MS = 7 * 24 * 3_600_000;
const EVERY_MS = 600_000;
/** What is deleted is gone, so the clock must have been steady for so long before it is believed. */
const STEADY_MS = 3_600_000;
/** More than clocks drift within that time, less than matters here. */
const CLOCK_TOLERANCE_MS = 60_000;
const STEP = 500;
/** Between steps, so that deliveries and jobs get their turns at the database. */
const PAUSE_MS = 50;

export type Pruning = { stop(): Promise<void> };

export type PruningOptions = {
  inbox: Inbox;
  log: Log;
  /** Milliseconds for which settled jobs are kept, and between two looks for older ones. */
  keepMs?: number;
  everyMs?: number;
  /** For how long the clock must have been steady before anything is deleted. */
  steadyMs?: number;
};

/**
 * Deletes settled jobs after 7 days, until when a repeated delivery is still known; in batches. A clock that is wrong by
 * a week would delete them all, so nothing is deleted before it has gone for an hour as a clock does.
 */
export function startPruning(options: PruningOptions): Pruning {
  const { inbox, log, keepMs = KEEP_MS, everyMs = EVERY_MS, steadyMs = STEADY_MS } = options;
  const steadyForMs = startSteadiness();
  let stopped = false;
  let round = prune();
  const timer = setInterval(() => {
    round = round.then(prune);
  }, everyMs);

  async function prune(): Promise<void> {
    if (steadyForMs() < steadyMs) return;
    try {
      while (!stopped && (await inbox.prune(keepMs, STEP)) === STEP) await sleep(PAUSE_MS);
    } catch (error) {
      log.warn(`Old jobs could not be deleted, next try in ${everyMs / 1000} s: ${sentenceOf(error)}`);
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

/** Tells for how many milliseconds the wall clock has kept pace with one that is never set. */
function startSteadiness(): () => number {
  let since = { wall: Date.now(), monotonic: performance.now() };
  return () => {
    const now = { wall: Date.now(), monotonic: performance.now() };
    const isSet = Math.abs(now.wall - since.wall - (now.monotonic - since.monotonic)) > CLOCK_TOLERANCE_MS;
    if (isSet) since = now;
    return now.monotonic - since.monotonic;
  };
}
