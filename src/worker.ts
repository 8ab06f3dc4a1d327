import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { attempt } from "./attempt.ts";
import { createDebounce } from "./debounce.ts";
import { LeaseLost, sentenceOf } from "./errors.ts";
import type { Gate } from "./gate.ts";
import type { Log } from "./log.ts";
import { createPace } from "./pace.ts";
import type { Job, JsonObject, Platform, PlatformName } from "./platforms/platform.ts";
import {
  type ClaimedJob,
  type Inbox,
  type JobState,
  LONGEST_WAIT_MS,
  type Settlement,
} from "./store/store.ts";

export const CONCURRENCY = 64;
/** Deliveries are answered between one such handful and the next: to begin a job takes time, too. */
const CLAIMED_AT_ONCE = 16;
/** Longer than any one attempt can take by the time-outs of its calls. */
const LEASE_MS = 600_000;
/** An operator's command in another process may put jobs back, and cannot nudge. */
const LONGEST_NAP_MS = 1000;
/** After the database could not be used. */
const STORE_PAUSE_MS = 1000;

export type WorkerOptions = {
  inbox: Inbox;
  platforms: ReadonlyMap<PlatformName, Platform>;
  log: Log;
  /** Jobs under way at once, at the most. */
  concurrency?: number;
  /** Knows the quotas of which no job may be begun. */
  gate: Pick<Gate, "held" | "nextOpeningMs">;
  /** How many of those may be under way now. */
  mostNow?: () => number;
  /** From 0 to 1, for jitter. */
  random?: () => number;
  /** Told how each attempt ended, as a job state, and how long it took. */
  observe?: (job: Job, end: JobState, ms: number) => void;
};

export type Worker = {
  /** Takes back what an earlier process had in hand, and begins. */
  start(): Promise<void>;
  /** There may be something to do: looks at once. */
  nudge(): void;
  /** Claims nothing more, lets what is in hand finish for at most `graceMs`, gives the rest back. */
  stop(graceMs: number): Promise<void>;
};

/** Claims jobs from the inbox, lets their platforms do them, and settles them. */
export function createWorker({
  inbox,
  platforms,
  log,
  gate,
  concurrency = CONCURRENCY,
  mostNow = () => concurrency,
  random = Math.random,
  observe,
}: WorkerOptions): Worker {
  const owner = randomUUID();
  const pace = createPace(concurrency);
  const nudges = createDebounce();
  const inHand = new Map<ClaimedJob, Promise<void>>();
  let running = false;
  let nudged = false;
  /** Whether it is worth claiming without a look first: a claim that finds nothing costs a transaction all the same. */
  let mayBeDue = false;
  let looking: Promise<void> | null = null;
  let nap: NodeJS.Timeout | undefined;

  function nudge(): void {
    nudges.happened();
    mayBeDue = true;
    lookSoon();
  }

  function lookSoon(): void {
    nudged = true;
    if (running && looking === null) looking = lookAround();
  }

  async function lookAround(): Promise<void> {
    clearTimeout(nap);
    let napMs = STORE_PAUSE_MS;
    try {
      while (nudged && running) {
        nudged = false;
        // Deliveries come first, and a burst of them is claimed as a whole.
        await nudges.quiet();
        await claimAll();
      }
      napMs = await untilNextDueMs();
    } catch (error) {
      log.error(`The inbox cannot be worked on, next try in a second: ${sentenceOf(error)}`);
    }
    looking = null;
    if (running) nap = setTimeout(nudge, nudged ? 0 : napMs);
  }

  async function claimAll(): Promise<void> {
    for (let limit = room(); running && limit > 0 && (mayBeDue || (await isAnyDue())); limit = room()) {
      mayBeDue = false;
      const jobs = await inbox.claim({ owner, limit, leaseMs: LEASE_MS, exceptQuotas: closed() });
      for (const job of jobs) takeInHand(job);
      if (jobs.length < limit) return;
    }
  }

  /** How many jobs may be claimed now. Less than 0 where there is less room than there was. */
  function room(): number {
    return Math.min(mostNow() - inHand.size, pace.isNarrow() ? 1 : CLAIMED_AT_ONCE);
  }

  function takeInHand(job: ClaimedJob): void {
    pace.started(job.quota);
    const done = work(job).finally(() => {
      inHand.delete(job);
      lookSoon();
    });
    inHand.set(job, done);
  }

  async function isAnyDue(): Promise<boolean> {
    const due = await inbox.nextDueAt(closed());
    return due !== null && isPast(due);
  }

  async function untilNextDueMs(): Promise<number> {
    // With no room for more, the next to end will nudge.
    if (inHand.size >= mostNow()) return LONGEST_NAP_MS;
    const due = (await inbox.nextDueAt(closed())) ?? Number.POSITIVE_INFINITY;
    const openingMs = gate.nextOpeningMs() ?? Number.POSITIVE_INFINITY;
    return Math.max(Math.min(due - Date.now(), openingMs, LONGEST_NAP_MS), 0);
  }

  /** Quotas of which no job may be begun now. */
  function closed(): string[] {
    return [...pace.full(), ...gate.held()];
  }

  async function work(job: ClaimedJob): Promise<void> {
    const startedAt = performance.now();
    const jobLog = log.child({ job: job.key, attempt: job.attempts });
    const { settlement, progress, verdict } = await attempt(job, platforms.get(job.platform), inbox, random);
    pace.ended(job.quota, verdict);
    if (settlement === null) {
      jobLog.warn("The job is no longer ours; what came of it does not count.");
      return;
    }
    const ms = Math.round(performance.now() - startedAt);
    await settle(job, settlement, progress, jobLog);
    observe?.(job, settlement.state, ms);
    report(jobLog, settlement, ms);
  }

  /** What was done must not be done again for want of a database that takes it down: tries until it does. */
  async function settle(
    job: ClaimedJob,
    settlement: Settlement,
    progress: JsonObject,
    jobLog: Log,
  ): Promise<void> {
    for (;;) {
      try {
        return await inbox.settle(job, settlement, progress);
      } catch (error) {
        if (error instanceof LeaseLost) return jobLog.warn(error.message);
        jobLog.error(`The job could not be settled, next try in a second: ${sentenceOf(error)}`);
        await sleep(STORE_PAUSE_MS, undefined, { ref: false });
      }
    }
  }

  return {
    async start() {
      const left = await inbox.releaseAll();
      if (left > 0) log.info({ jobs: left }, "Going on with the jobs that the last process had in hand.");
      running = true;
      nudge();
    },
    nudge,
    async stop(graceMs) {
      running = false;
      clearTimeout(nap);
      await looking;
      const finished = Promise.all(inHand.values());
      const grace = new AbortController();
      await Promise.race([finished, sleep(graceMs, undefined, { signal: grace.signal })]);
      grace.abort();
      if (inHand.size > 0)
        log.warn({ jobs: inHand.size }, "Not finished in time; they go on at the next start.");
      await Promise.all([...inHand.keys()].map((job) => inbox.release(job)));
    },
  };
}

/** A time further away than any wait was set before the clock was set back. */
function isPast(dueAt: number): boolean {
  const now = Date.now();
  return dueAt <= now || dueAt > now + LONGEST_WAIT_MS;
}

function report(jobLog: Log, settlement: Settlement, ms: number): void {
  if (settlement.state === "done") jobLog.info({ ms }, `Job done: ${settlement.outcome}`);
  else if (settlement.state === "dead") jobLog.error({ ms }, `Job dead: ${settlement.error}`);
  else
    jobLog.warn(
      { ms, nextAttemptAt: new Date(settlement.nextAttemptAt) },
      `Job waits for its next attempt: ${settlement.error}`,
    );
}
