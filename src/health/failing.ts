import type { CallReport } from "../http/http.ts";
import type { PlatformName } from "../job.ts";
import type { Observer } from "../observer.ts";

/** A platform or quota is failing once all its calls have failed for this long. */
const FAILING_AFTER_MS = 30_000;
/** A single failed call says little. */
const FEWEST_FAILURES = 2;
/** Every bot makes calls at least every five minutes. A platform or quota without calls for this long is not in use. */
const FORGOTTEN_AFTER_MS = 900_000;
/** How many failed attempts are worth a warning before the outage is known. */
const MOST_WARNINGS = 5;

/** A time during which all calls have failed. */
export type Outage = {
  readonly platform: PlatformName;
  /** null: the platform as a whole. */
  readonly quota: string | null;
  /** When the first of those calls was made, in ms since 1970, and how long they have failed, in ms. */
  readonly since: number;
  readonly lastedMs: number;
  /** How the last one ended: an HTTP status, or "no answer". */
  readonly outcome: string;
  /** Milliseconds since the last one. */
  readonly silentMs: number;
};

export type FailingWatch = Pick<Observer, "callEnded"> & {
  /** What is failing now. If a whole platform is failing, its quotas are not listed. */
  outages(): Outage[];
  /**
   * Whether a failed attempt is worth a warning: the first few are, until the outage is known. Call it once per failed
   * attempt.
   */
  isWorthWarning(job: { platform: PlatformName; quota: string }): boolean;
};

/** Failed calls in a streak, without an answered one between them. Times in ms by `performance.now()`, except `since`. */
type Streak = {
  readonly platform: PlatformName;
  readonly quota: string | null;
  readonly since: number;
  readonly beganAt: number;
  lastAt: number;
  failures: number;
  warnings: number;
  outcome: string;
};

/** Learns from every call which platforms and quotas are failing. Remembers nothing about those that work. */
export function createFailingWatch(): FailingWatch {
  const streaks = new Map<string, Streak>();

  function failed(platform: PlatformName, quota: string | null, { outcome, ms }: CallReport): void {
    const now = performance.now();
    const key = subjectKey(platform, quota);
    const streak = streaks.get(key) ?? {
      ...{ platform, quota, since: Date.now() - ms, beganAt: now - ms },
      ...{ lastAt: now, failures: 0, warnings: 0, outcome },
    };
    streaks.set(key, streak);
    streak.failures += 1;
    streak.lastAt = now;
    streak.outcome = outcome === "no_answer" ? "no answer" : outcome;
  }

  function answered(platform: PlatformName, quota: string | null): void {
    const whole = streaks.get(subjectKey(platform, null));
    // If the whole platform was failing, its quotas were not to blame: their streaks start again.
    if (whole && hasLasted(whole)) {
      for (const [key, streak] of streaks) if (streak.platform === platform) streaks.delete(key);
    }
    streaks.delete(subjectKey(platform, null));
    if (quota !== null) streaks.delete(subjectKey(platform, quota));
  }

  return {
    callEnded(platform, call) {
      if (isFailure(call)) {
        failed(platform, null, call);
        if (call.quota !== null) failed(platform, call.quota, call);
      } else if (isAnswer(call)) answered(platform, call.quota);
    },
    outages() {
      const now = performance.now();
      for (const [key, { lastAt }] of streaks) if (now - lastAt > FORGOTTEN_AFTER_MS) streaks.delete(key);
      const outages = [...streaks.values()].filter(hasLasted).map(outageOf);
      const whole = new Set(outages.filter(({ quota }) => quota === null).map(({ platform }) => platform));
      return outages.filter(({ platform, quota }) => quota === null || !whole.has(platform));
    },
    isWorthWarning({ platform, quota }) {
      const concerned = [null, quota].flatMap((one) => streaks.get(subjectKey(platform, one)) ?? []);
      for (const streak of concerned) streak.warnings += 1;
      return concerned.every((streak) => streak.warnings <= MOST_WARNINGS && !hasLasted(streak));
    },
  };
}

/** Identifies what may fail by itself: a platform as a whole (quota null), or one of its quotas. */
export function subjectKey(platform: PlatformName, quota: string | null): string {
  return `${platform} ${quota ?? ""}`;
}

function hasLasted({ beganAt, failures }: Streak): boolean {
  return failures >= FEWEST_FAILURES && performance.now() - beganAt >= FAILING_AFTER_MS;
}

function outageOf({ platform, quota, since, beganAt, lastAt, outcome }: Streak): Outage {
  const now = performance.now();
  return { platform, quota, since, lastedMs: now - beganAt, outcome, silentMs: now - lastAt };
}

/** A 401 counts only if the platform itself sent it. */
function isFailure({ outcome, isRefusal }: CallReport): boolean {
  if (outcome === "401") return isRefusal;
  return outcome === "no_answer" || outcome === "429" || Number(outcome) >= 500;
}

/** A gateway's refusal says nothing about the platform behind it. */
function isAnswer({ outcome, isRefusal }: CallReport): boolean {
  return isRefusal || (Number(outcome) >= 200 && Number(outcome) < 300);
}
