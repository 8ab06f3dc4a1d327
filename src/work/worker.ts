import { setTimeout as sleep } from "node:timers/promises";
import { LeaseLost, sentenceOf } from "../errors.ts";
import type { CallGate } from "../http/http.ts";
import type { Job } from "../job.ts";
import type { Log } from "../log.ts";
import type { Observer } from "../observer.ts";
import type { Platform } from "../platforms/platform.ts";
import type { ClaimedJob, Settlement, Store } from "../store/store.ts";
import { createAdmission, MOST_IN_HAND, MOST_WHEN_BUSY, type Pause, type Ticket } from "./admission.ts";
import { type Attempt, attempt } from "./attempt.ts";
import { createDeliveriesFirst, type DeliveriesFirst } from "./deliveries-first.ts";
import { createFewLines } from "./few-lines.ts";

/** Longer than any attempt can take, given the timeouts of its calls. */
const JOB_LEASE_MS = 600_000;
/** A command in another process may put jobs back, or another server begin a pause, but neither can wake this worker. */
const LONGEST_NAP_MS = 1000;
/** After a failure of the database. */
const STORE_PAUSE_MS = 1000;

export type WorkerOptions = {
  store: Pick<Store, "inbox" | "holds" | "servers">;
  platforms: readonly Platform[];
  log: Log;
  /** Knows which quotas are held back now. */
  gate: Pick<CallGate, "heldMs">;
  /** How many jobs may be in hand at once. */
  mostInHand?: number;
  /** Keeps jobs from making deliveries wait. */
  deliveries?: DeliveriesFirst;
  /** The most milliseconds that the worker itself waits until it tries again. Default: a minute. */
  longestPauseMs?: number;
  /** From 0 to 1, for jitter. */
  random?: () => number;
  observer?: Pick<Observer, "attemptEnded">;
  /** Whether a failed attempt is worth a warning, e.g. not while its platform is known to fail. Default: always. */
  isWorthWarning?: (job: Job) => boolean;
};

export type Worker = {
  /** Recovers the jobs that an earlier process had in hand and starts; retries while the database is unusable. */
  start(): Promise<void>;
  /** Looks for jobs at once. */
  wake(): void;
  /** A delivery was accepted: looks for jobs at once, but lets further deliveries go first. */
  arrived(): void;
  /** Claims no more jobs, gives those in hand up to `graceMs` to finish, and puts the rest back. */
  stop(graceMs: number): Promise<void>;
};

/** What is kept of an attempt, which took `ms` milliseconds. */
type Ended = Pick<Attempt, "progress" | "calls"> & { settlement: Settlement; ms: number };

/** Claims jobs from the inbox, has their platforms do them, and settles them. */
export function createWorker(options: WorkerOptions): Worker {
  const { gate, log, random = Math.random, observer, isWorthWarning = () => true, longestPauseMs } = options;
  const { inbox, holds, servers } = options.store;
  const platforms = new Map(options.platforms.map((platform) => [platform.name, platform]));
  const { mostInHand: most = MOST_IN_HAND } = options;
  const { deliveries = createDeliveriesFirst({ most, whenBusy: MOST_WHEN_BUSY }) } = options;
  const admission = createAdmission({
    platforms: [...platforms.keys()],
    most,
    mostNow: deliveries.adjustedLimit,
    ...(longestPauseMs !== undefined && { longestPauseMs }),
  });
  const unsettled = createFewLines(log, (n) => `Jobs could not be settled, ${n} more times within a minute.`);
  const unusable = createFewLines(log, (n) => `The inbox was unusable, ${n} more times within a minute.`);
  const inHand = new Map<ClaimedJob, Promise<void>>();
  let hasRecovered = false;
  /** When the pauses on disk were read last, on the monotonic clock. */
  let followedAt = Number.NEGATIVE_INFINITY;
  let running = false;
  let shouldClaim = false;
  /** True: something may be due, so claim without asking first. Otherwise ask: an empty claim costs a transaction. */
  let mayBeDue = false;
  let claiming: Promise<void> | null = null;
  let nap: NodeJS.Timeout | undefined;

  function wake(): void {
    mayBeDue = true;
    claimSoon();
  }

  function claimSoon(): void {
    shouldClaim = true;
    if (running && claiming === null) claiming = claimRounds();
  }

  async function claimRounds(): Promise<void> {
    clearTimeout(nap);
    let napMs = STORE_PAUSE_MS;
    try {
      while (shouldClaim && running) {
        shouldClaim = false;
        if (!hasRecovered) await recover();
        if (performance.now() - followedAt >= LONGEST_NAP_MS) await followPauses();
        await deliveries.quiet();
        await claimAll();
      }
      napMs = await untilNextDueMs();
    } catch (error) {
      reportUnusable(error);
    }
    claiming = null;
    if (running) nap = setTimeout(claimSoon, shouldClaim ? 0 : napMs);
  }

  function reportUnusable(error: unknown): void {
    unusable.write(() => log.error(`The inbox is unusable, next try in a second: ${sentenceOf(error)}`));
  }

  async function claimAll(): Promise<void> {
    // A ticket says how many jobs may begin now, and of whom.
    for (let ticket = admission.ticket(); running && ticket; ticket = admission.ticket()) {
      if (!mayBeDue && (await nextDueInMs(ticket)) !== 0) return;
      mayBeDue = false;
      const { roomFor } = ticket;
      const jobs = await inbox.claim({
        ...ticket,
        owner: servers.own,
        leaseMs: JOB_LEASE_MS,
        roomFor: (platform, quota) => (gate.heldMs(quota) > 0 ? 0 : roomFor(platform, quota)),
      });
      for (const job of jobs) {
        const platform = platforms.get(job.platform);
        // Only jobs of these platforms were asked for.
        if (platform) begin(job, platform);
      }
      if (jobs.length < ticket.limit) return;
    }
  }

  function begin(job: ClaimedJob, platform: Platform): void {
    admission.began(job);
    const done = work(job, platform).finally(() => {
      inHand.delete(job);
      claimSoon();
    });
    inHand.set(job, done);
  }

  function nextDueInMs({ platforms: open }: Ticket): Promise<number | null> {
    return inbox.nextDueInMs(
      servers.own,
      open.map(({ name }) => name),
    );
  }

  async function untilNextDueMs(): Promise<number> {
    const ticket = admission.ticket();
    // There is no room for more; the next job to end looks again.
    if (ticket === null) return Math.min(admission.nextOpeningMs() ?? LONGEST_NAP_MS, LONGEST_NAP_MS);
    const dueMs = await nextDueInMs(ticket);
    const openingMs = admission.nextOpeningMs();
    // 0: a job is due but may not begin. The next job that ends looks again.
    const wakeMs = dueMs === null || dueMs === 0 ? LONGEST_NAP_MS : dueMs;
    return Math.min(wakeMs, openingMs ?? LONGEST_NAP_MS, LONGEST_NAP_MS);
  }

  async function work(job: ClaimedJob, platform: Platform): Promise<void> {
    const startedAt = performance.now();
    const jobLog = log.child({ job: job.key, attempt: job.attempts });
    const { settlement, verdict, ...rest } = await attempt(job, platform, inbox, random, longestPauseMs);
    const pauses = admission.ended(job, verdict).map(keepPause);
    if (settlement === null) {
      jobLog.warn("The job is no longer ours; this result does not count.");
      return;
    }
    const ms = Math.round(performance.now() - startedAt);
    await Promise.all([settle(job, { settlement, ms, ...rest }, jobLog), ...pauses]);
    observer?.attemptEnded(job, settlement.state, ms);
    // Only the first failure is news; later ones are in the job's record.
    report(jobLog, settlement, ms, job.attempts === 1 && isWorthWarning(job));
  }

  /** Saves the pause, so that a restart does not flood the platform. On failure this process still keeps to it. */
  async function keepPause({ name, ms }: Pause): Promise<void> {
    const kept = ms > 0 ? holds.hold(name, "failing", ms) : holds.lift(name, "failing");
    await kept.catch((error: unknown) => log.warn(`A pause could not be saved: ${sentenceOf(error)}`));
  }

  /** Retries until the database accepts it: a job that was done must not be done again. */
  async function settle(
    job: ClaimedJob,
    { settlement, progress, ms, calls }: Ended,
    jobLog: Log,
  ): Promise<void> {
    for (;;) {
      try {
        return await inbox.settle(job, settlement, progress, ms, calls);
      } catch (error) {
        if (error instanceof LeaseLost) return jobLog.warn(error.message);
        const says = `The job could not be settled, next try in a second: ${sentenceOf(error)}`;
        unsettled.write(() => jobLog.error(says));
        await sleep(STORE_PAUSE_MS, undefined, { ref: false });
      }
    }
  }

  async function recover(): Promise<void> {
    const left = await inbox.recover();
    if (left > 0) log.info({ jobs: left }, "Continuing the jobs that the last process had in hand.");
    await followPauses();
    hasRecovered = true;
  }

  /** Keeps to what other servers have found out: which quotas and platforms pause because they fail. */
  async function followPauses(): Promise<void> {
    followedAt = performance.now();
    const failing = (await holds.list()).filter(({ reason }) => reason === "failing");
    admission.follow(failing.map(({ quota: name, ms, pauseMs }) => ({ name, ms, pauseMs })));
  }

  return {
    async start() {
      await recover().catch(reportUnusable);
      running = true;
      wake();
    },
    wake,
    arrived() {
      deliveries.arrived();
      wake();
    },
    async stop(graceMs) {
      running = false;
      clearTimeout(nap);
      await claiming;
      const finished = Promise.all(inHand.values());
      const grace = new AbortController();
      await Promise.race([finished, sleep(graceMs, undefined, { signal: grace.signal })]);
      grace.abort();
      for (const lines of [unsettled, unusable]) lines.stop();
      if (inHand.size === 0) return;
      log.warn({ jobs: inHand.size }, "Not finished in time; these jobs continue at the next start.");
      await inbox.releaseAll(servers.own);
    },
  };
}

function report(jobLog: Log, settlement: Settlement, ms: number, isNews: boolean): void {
  if (settlement.state === "done") jobLog.info({ ms }, `Job done: ${settlement.outcome}`);
  else if (settlement.state === "dead") jobLog.error({ ms }, `Job dead: ${settlement.error}`);
  else
    jobLog[isNews ? "warn" : "debug"](
      { ms, nextAttemptAt: new Date(Date.now() + settlement.afterMs) },
      `Job waits for its next attempt: ${settlement.error}`,
    );
}
