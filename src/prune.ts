import { setTimeout as sleep } from "node:timers/promises";
import { sentenceOf } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Inbox } from "./store/store.ts";

const KEEP_MS = 7 * 24 * 3_600_000;
const EVERY_MS = 600_000;
const STEP = 500;
/** Between steps, so that deliveries and jobs get their turns at the database. */
const PAUSE_MS = 50;

export type Pruning = { stop(): Promise<void> };

/** Forgets settled jobs after 7 days, until when a repeated delivery is still known; a few at a time, for good. */
export function startPruning(
  inbox: Inbox,
  log: Log,
  keepMs: number = KEEP_MS,
  everyMs: number = EVERY_MS,
): Pruning {
  let stopped = false;
  let round = prune();
  const timer = setInterval(() => {
    round = round.then(prune);
  }, everyMs);

  async function prune(): Promise<void> {
    try {
      while (!stopped && (await inbox.prune(Date.now() - keepMs, STEP)) === STEP) await sleep(PAUSE_MS);
    } catch (error) {
      log.warn(`Old jobs could not be forgotten, next try in ${everyMs / 1000} s: ${sentenceOf(error)}`);
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
