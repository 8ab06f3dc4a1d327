import type { PlatformName } from "../job.ts";
import { platformPause } from "../store/store.ts";
import { createDeliveriesFirst, type DeliveriesFirst } from "./deliveries-first.ts";

/**
 * How much may be in hand, decided here alone, and why:
 *
 * - 64 jobs in all. A job mostly waits for its platform; more at once would only make each one slower.
 * - A platform leaves the last quarter to others, and a tenant of it an eighth, as soon as there are others: a call that
 *   hangs cannot be taken back, so there has to be room for whoever comes next.
 * - What has been in hand for two seconds without an answer hangs. It takes no room from others any more, and until
 *   something of its quota succeeds, nothing more of that quota is begun.
 * - A quota whose jobs fail gets half with each failure, down to one; then it pauses, from 1 s doubling to 60 s, and one job
 *   probes it. Each success lets one more in. A platform pauses likewise once it fails for all of its quotas. What is
 *   not begun is not touched.
 * - When this process is what everybody waits for and deliveries keep arriving, 8 jobs keep it busy just as well.
 * - Deliveries come first: jobs begin after a pause among them, by sixteen, so that deliveries are answered in between.
 */
const MOST = 64;
const LEFT_BY_PLATFORM = 1 / 4;
const LEFT_BY_QUOTA = 1 / 8;
const HANGS_AFTER_MS = 2000;
/** With those that hang; a bound for memory and sockets. */
const MOST_WITH_HANGING = 512;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** So many failures of so many quotas in a row, without one success, are the platform's and not its tenants'. */
const PLATFORM_FAILURES = 20;
const PLATFORM_QUOTAS = 5;
const WHEN_BUSY = 8;
const BEGUN_AT_ONCE = 16;

export type Admitted = { readonly platform: PlatformName; readonly quota: string };

/** How one attempt went for the quota it drew on; "not_asked": no call was made, so nothing is known. */
export type Verdict = "answered" | "failing" | "not_asked";

/** What may be begun now. */
export type Ticket = {
  readonly limit: number;
  readonly platforms: readonly { readonly name: PlatformName; readonly most: number }[];
  readonly roomFor: (platform: PlatformName, quota: string) => number;
};

/** A quota or platform is to pause for so many milliseconds; 0: its pauses are over. */
export type Pause = { readonly name: string; readonly ms: number };

export type Admission = {
  /** A delivery was accepted. */
  arrived(): void;
  /** Resolves once two turns of the event loop have brought no delivery, or after ten that did. */
  quiet(): Promise<void>;
  /** null: nothing may be begun now. */
  ticket(): Ticket | null;
  began(job: Admitted): void;
  /** Tells which pauses begin or end by that. */
  ended(job: Admitted, verdict: Verdict): Pause[];
  /** A pause that an earlier process began, with `ms` left of it. */
  recall(pause: Pause & { pauseMs: number }): void;
  /** Milliseconds until there may be room again without a job's ending: a pause is over, or a call counts as hanging. */
  nextOpeningMs(): number | null;
};

export type AdmissionOptions = {
  platforms: readonly PlatformName[];
  /** Jobs in hand at once, at the most. */
  most?: number;
  /** What keeps jobs from making deliveries wait. */
  deliveries?: DeliveriesFirst;
};

/** What is known of a quota, or of a platform. */
type Regulator = {
  /** What may be in hand. */
  limit: number;
  /** Of its own failures in a row; of a platform, with the quotas that they are of. */
  failures: number;
  failing: Set<string>;
  pauseMs: number;
  pausesUntil: number;
  /** A failure of what was begun before this one is old news: the limit has fallen to one since. */
  firstProbe: number;
  succeededAt: number;
  readonly inHand: Set<Admitted>;
};

export function createAdmission({ platforms, most = MOST, ...options }: AdmissionOptions): Admission {
  const regulators = new Map<string, Regulator>();
  const begun = new Map<Admitted, { at: number; number: number }>();
  const quotasSeen = new Map<PlatformName, Set<string>>();
  const { deliveries = createDeliveriesFirst({ most, whenBusy: WHEN_BUSY }) } = options;
  const share = platforms.length > 1 ? most - Math.floor(most * LEFT_BY_PLATFORM) : most;
  let turn = 0;
  let lastNumber = 0;

  function regulator(name: string): Regulator {
    const known = regulators.get(name);
    if (known) return known;
    const fresh = {
      limit: most,
      failures: 0,
      failing: new Set<string>(),
      pauseMs: 0,
      pausesUntil: 0,
      firstProbe: 0,
      succeededAt: Number.NEGATIVE_INFINITY,
      inHand: new Set<Admitted>(),
    };
    regulators.set(name, fresh);
    return fresh;
  }

  const hangs = (job: Admitted) => performance.now() - (begun.get(job)?.at ?? 0) > HANGS_AFTER_MS;
  const moving = (jobs: Iterable<Admitted>) => [...jobs].filter((job) => !hangs(job)).length;

  function roomOfPlatform(platform: PlatformName): number {
    const { limit, inHand, pausesUntil } = regulator(platformPause(platform));
    if (pausesUntil > performance.now()) return 0;
    return limit === 1 ? 1 - inHand.size : Math.min(limit, share) - moving(inHand);
  }

  function roomFor(platform: PlatformName, quota: string): number {
    const seen = quotasSeen.get(platform) ?? new Set();
    if (seen.size < 2) quotasSeen.set(platform, seen.add(quota));
    const { limit, inHand, pausesUntil, succeededAt } = regulator(quota);
    const now = performance.now();
    const isStuck = now - succeededAt > HANGS_AFTER_MS && [...inHand].some(hangs);
    if (pausesUntil > now || isStuck) return 0;
    const left = seen.size > 1 ? Math.floor(most * LEFT_BY_QUOTA) : 0;
    return Math.min(limit, Math.max(share - left, 1)) - inHand.size;
  }

  /** Where all is well and nothing in hand there is nothing to remember. */
  function forget(name: string): void {
    const { inHand, limit, failures } = regulator(name);
    if (inHand.size === 0 && limit === most && failures === 0) regulators.delete(name);
  }

  function succeeded(name: string): Pause[] {
    const known = regulator(name);
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
    const known = regulator(name);
    if ((begun.get(job)?.number ?? 0) < known.firstProbe) return [];
    known.firstProbe = lastNumber + 1;
    known.limit = 1;
    known.pauseMs = Math.min(Math.max(known.pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
    known.pausesUntil = performance.now() + known.pauseMs;
    return [{ name, ms: known.pauseMs }];
  }

  function quotaFailed(job: Admitted): Pause[] {
    const known = regulator(job.quota);
    known.failures += 1;
    // One failure of the only job that may be in hand is not a row of them yet.
    if (known.limit === 1 && known.failures > 1) return pause(job.quota, job);
    known.limit = Math.max(Math.floor(known.limit / 2), 1);
    if (known.limit === 1) known.firstProbe = lastNumber + 1;
    return [];
  }

  function platformFailed(job: Admitted): Pause[] {
    const name = platformPause(job.platform);
    const known = regulator(name);
    known.failures += 1;
    if (known.failing.size < PLATFORM_QUOTAS) known.failing.add(job.quota);
    const isDown = known.failures >= PLATFORM_FAILURES && known.failing.size >= PLATFORM_QUOTAS;
    return isDown || known.pauseMs > 0 ? pause(name, job) : [];
  }

  return {
    arrived: deliveries.arrived,
    quiet: deliveries.quiet,
    ticket() {
      const room = Math.min(deliveries.mostNow() - moving(begun.keys()), MOST_WITH_HANGING - begun.size);
      // Whoever comes first has the first choice of what is left, so platforms take turns in that.
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
      regulator(job.quota).inHand.add(job);
      regulator(platformPause(job.platform)).inHand.add(job);
    },
    ended(job, verdict) {
      const names = [job.quota, platformPause(job.platform)];
      for (const name of names) regulator(name).inHand.delete(job);
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
    recall({ name, ms, pauseMs }) {
      Object.assign(regulator(name), { limit: 1, failures: 1, pauseMs, pausesUntil: performance.now() + ms });
    },
    nextOpeningMs() {
      const now = performance.now();
      const pausing = platforms.map((platform) => regulator(platformPause(platform)).pausesUntil - now);
      const toHang = [...begun.values()].map(({ at }) => at + HANGS_AFTER_MS + 1 - now);
      const openings = [...pausing, ...toHang].filter((ms) => ms > 0);
      return openings.length === 0 ? null : Math.min(...openings);
    },
  };
}
