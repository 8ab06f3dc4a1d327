import type { PlatformName } from "../job.ts";
import { platformPauseName } from "../store/store.ts";

/**
 * How many jobs may be in hand is decided only here:
 *
 * - 64 jobs in all. A job mostly waits for its platform; more at once would only make each one slower.
 * - As soon as there are others, a platform leaves a quarter of the room to other platforms, and a quota leaves a further
 *   eighth to other quotas: a call that hangs cannot be taken back, so there must be room for the next job.
 * - A job in hand for two seconds without an answer hangs. It no longer takes room from others, and nothing more of its
 *   quota is begun until something of that quota succeeds.
 * - Each failure halves what a quota may have in hand, down to one job. After that, each failure pauses the quota, for 1 s
 *   doubling to 60 s, and one job probes it. Each success lets one more in. A platform that fails for its quotas in general
 *   pauses in the same way. Jobs that are not begun are not touched.
 * - When this process is the bottleneck and deliveries keep arriving, 8 jobs keep it just as busy.
 * - Jobs begin up to 16 at a time, so that deliveries are answered in between.
 */
export const MOST_IN_HAND = 64;
const LEFT_BY_PLATFORM = 1 / 4;
const LEFT_BY_QUOTA = 1 / 8;
const HANGS_AFTER_MS = 2000;
/** Including those that hang: limits memory and sockets. */
const MOST_WITH_HANGING = 512;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** How long it may take until a pause that begins or ends here is on disk. */
const SAVING_MS = 2000;
/** This many failures in a row, across this many quotas, are the platform's own and not its tenants'. */
const PLATFORM_FAILURES = 20;
const PLATFORM_QUOTAS = 5;
export const MOST_WHEN_BUSY = 8;
const BEGUN_AT_ONCE = 16;

export type Admitted = { readonly platform: PlatformName; readonly quota: string };

/** What one attempt says about its quota and platform; "not_asked": nothing, because perhaps no call was made. */
export type Verdict = "answered" | "failing" | "not_asked";

/** What may be begun now. */
export type Ticket = {
  readonly limit: number;
  readonly platforms: readonly { readonly name: PlatformName; readonly most: number }[];
  readonly roomFor: (platform: PlatformName, quota: string) => number;
};

/** A quota or platform pauses for this many milliseconds; 0: its pauses are over. */
export type Pause = { readonly name: string; readonly ms: number };

export type Admission = {
  /** null: nothing may be begun now. */
  ticket(): Ticket | null;
  began(job: Admitted): void;
  /** Returns the pauses that begin or end with it. */
  ended(job: Admitted, verdict: Verdict): Pause[];
  /** Follows the pauses on disk, of which `ms` are left each: an earlier process, or another server, began or ended them. */
  follow(pauses: readonly (Pause & { pauseMs: number })[]): void;
  /** Milliseconds until there may be room without a job ending: a pause ends, or a call begins to count as hanging. */
  nextOpeningMs(): number | null;
};

export type AdmissionOptions = {
  platforms: readonly PlatformName[];
  /** How many jobs may be in hand at once. */
  most?: number;
  /** How many of them may be in hand now, so that deliveries need not wait. Default: all. */
  mostNow?: () => number;
  /** No pause takes more milliseconds. */
  longestPauseMs?: number;
};

/** Limits one quota or platform. */
type Limiter = {
  /** How many of its jobs may be in hand. */
  limit: number;
  /** In a row. */
  failures: number;
  /** For a platform: the quotas that the failures belong to. */
  failing: Set<string>;
  pauseMs: number;
  pausedAt: number;
  pausesUntil: number;
  /**
   * The number of the first job begun since the limit fell to one, or since the last pause began. Failures of earlier jobs
   * begin no pause.
   */
  firstProbe: number;
  succeededAt: number;
  readonly inHand: Set<Admitted>;
};

export function createAdmission({
  platforms,
  most = MOST_IN_HAND,
  mostNow = () => most,
  longestPauseMs = LONGEST_PAUSE_MS,
}: AdmissionOptions): Admission {
  const limiters = new Map<string, Limiter>();
  const begun = new Map<Admitted, { at: number; number: number }>();
  const quotasSeen = new Map<PlatformName, Set<string>>();
  const share = platforms.length > 1 ? most - Math.floor(most * LEFT_BY_PLATFORM) : most;
  let turn = 0;
  let lastNumber = 0;

  function limiter(name: string): Limiter {
    const known = limiters.get(name);
    if (known) return known;
    const fresh = {
      limit: most,
      failures: 0,
      failing: new Set<string>(),
      pauseMs: 0,
      pausedAt: Number.NEGATIVE_INFINITY,
      pausesUntil: 0,
      firstProbe: 0,
      succeededAt: Number.NEGATIVE_INFINITY,
      inHand: new Set<Admitted>(),
    };
    limiters.set(name, fresh);
    return fresh;
  }

  const hangs = (job: Admitted) => performance.now() - (begun.get(job)?.at ?? 0) > HANGS_AFTER_MS;
  const moving = (jobs: Iterable<Admitted>) => [...jobs].filter((job) => !hangs(job)).length;

  function roomOfPlatform(platform: PlatformName): number {
    const { limit, inHand, pausesUntil } = limiter(platformPauseName(platform));
    if (pausesUntil > performance.now()) return 0;
    return limit === 1 ? 1 - inHand.size : Math.min(limit, share) - moving(inHand);
  }

  function roomFor(platform: PlatformName, quota: string): number {
    const seen = quotasSeen.get(platform) ?? new Set();
    if (seen.size < 2) quotasSeen.set(platform, seen.add(quota));
    const { limit, inHand, pausesUntil, succeededAt } = limiter(quota);
    const now = performance.now();
    const isStuck = now - succeededAt > HANGS_AFTER_MS && [...inHand].some(hangs);
    if (pausesUntil > now || isStuck) return 0;
    const left = seen.size > 1 ? Math.floor(most * LEFT_BY_QUOTA) : 0;
    return Math.min(limit, Math.max(share - left, 1)) - inHand.size;
  }

  /** With no limit and nothing in hand there is nothing to remember. */
  function forget(name: string): void {
    const { inHand, limit, failures } = limiter(name);
    if (inHand.size === 0 && limit === most && failures === 0) limiters.delete(name);
  }

  function succeeded(name: string): Pause[] {
    const known = limiter(name);
    const hadPauses = known.pauseMs > 0;
    known.limit = Math.min(known.limit + 1, most);
    known.failures = 0;
    known.failing.clear();
    known.pauseMs = 0;
    known.pausesUntil = 0;
    known.succeededAt = performance.now();
    return hadPauses ? [{ name, ms: 0 }] : [];
  }

  function pause(name: string, job: Admitted): Pause[] {
    const known = limiter(name);
    if ((begun.get(job)?.number ?? 0) < known.firstProbe) return [];
    known.firstProbe = lastNumber + 1;
    known.limit = 1;
    known.pauseMs = Math.min(Math.max(known.pauseMs * 2, FIRST_PAUSE_MS), longestPauseMs);
    known.pausedAt = performance.now();
    known.pausesUntil = known.pausedAt + known.pauseMs;
    return [{ name, ms: known.pauseMs }];
  }

  function quotaFailed(job: Admitted): Pause[] {
    const known = limiter(job.quota);
    known.failures += 1;
    // A limit of one allows one failure before it pauses.
    if (known.limit === 1 && known.failures > 1) return pause(job.quota, job);
    known.limit = Math.max(Math.floor(known.limit / 2), 1);
    if (known.limit === 1) known.firstProbe = lastNumber + 1;
    return [];
  }

  function platformFailed(job: Admitted): Pause[] {
    const name = platformPauseName(job.platform);
    const known = limiter(name);
    known.failures += 1;
    if (known.failing.size < PLATFORM_QUOTAS) known.failing.add(job.quota);
    const isDown = known.failures >= PLATFORM_FAILURES && known.failing.size >= PLATFORM_QUOTAS;
    return isDown || known.pauseMs > 0 ? pause(name, job) : [];
  }

  return {
    ticket() {
      const room = Math.min(mostNow() - moving(begun.keys()), MOST_WITH_HANGING - begun.size);
      // The first platform has first choice of the room left, so platforms take turns being first.
      turn += 1;
      const open = platforms
        .map((_, index) => platforms[(index + turn) % platforms.length])
        .flatMap((name) => (name === undefined ? [] : { name, most: roomOfPlatform(name) }))
        .filter((one) => one.most > 0);
      if (room <= 0 || open.length === 0) return null;
      const limit = Math.min(room, BEGUN_AT_ONCE);
      return { limit, platforms: open, roomFor };
    },
    began(job) {
      lastNumber += 1;
      begun.set(job, { at: performance.now(), number: lastNumber });
      limiter(job.quota).inHand.add(job);
      limiter(platformPauseName(job.platform)).inHand.add(job);
    },
    ended(job, verdict) {
      const names = [job.quota, platformPauseName(job.platform)];
      for (const name of names) limiter(name).inHand.delete(job);
      const pauses =
        verdict === "answered"
          ? names.flatMap(succeeded)
          : verdict === "failing"
            ? [...quotaFailed(job), ...platformFailed(job)]
            : [];
      begun.delete(job);
      for (const name of names) forget(name);
      return pauses;
    },
    follow(pauses) {
      const now = performance.now();
      for (const { name, ms, pauseMs } of pauses) {
        const known = limiter(name);
        // Our own, or one that has ended here already.
        if (known.pauseMs >= pauseMs && known.pausesUntil >= now + ms - SAVING_MS) continue;
        Object.assign(known, { limit: 1, failures: 1, pauseMs, pausesUntil: now + ms });
      }
      const names = new Set(pauses.map(({ name }) => name));
      for (const [name, known] of limiters) {
        if (known.pauseMs === 0 || names.has(name) || now - known.pausedAt < SAVING_MS) continue;
        Object.assign(known, { failures: 0, pauseMs: 0, pausesUntil: 0 });
        forget(name);
      }
    },
    nextOpeningMs() {
      const now = performance.now();
      const pausing = platforms.map((platform) => limiter(platformPauseName(platform)).pausesUntil - now);
      const toHang = [...begun.values()].map(({ at }) => at + HANGS_AFTER_MS + 1 - now);
      const openings = [...pausing, ...toHang].filter((ms) => ms > 0);
      return openings.length === 0 ? null : Math.min(...openings);
    },
  };
}
