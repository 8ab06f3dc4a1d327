import type { CallReport } from "../http/http.ts";
import type { PlatformName } from "../job.ts";
import type { Observer } from "../observer.ts";

/** A platform, or a quota of it, whose calls have all failed for so long is failing. */
const FAILING_AFTER_MS = 30_000;
/** One call that failed and was not made again says little. */
const FEWEST_FAILURES = 2;
/** The bots look after themselves every five minutes at least: whom nobody has called for so long, nobody needs. */
const FORGOTTEN_AFTER_MS = 900_000;
/** Failed attempts that are worth a warning before it is known that everything fails. */
const MOST_WARNINGS = 5;

/** Calls have all failed since then. */
export type Outage = {
  readonly platform: PlatformName;
  /** null: the platform as a whole. */
  readonly quota: string | null;
  /** When the first of those calls was made, in ms since 1970, and for how many ms they have failed. */
  readonly since: number;
  readonly lastedMs: number;
  /** How the last one ended: an HTTP status, or "no answer". */
  readonly outcome: string;
  /** Milliseconds since the last one. */
  readonly silentMs: number;
};

export type FailingWatch = Pick<Observer, "callEnded"> & {
  /** What is failing now. Of a platform that fails as a whole no quotas are named. */
  outages(): Outage[];
  /**
   * Whether an attempt that failed is worth a warning: the first few are, until it is known that all fail. To be asked once
   * for each.
   */
  isWorthWarning(job: { platform: PlatformName; quota: string }): boolean;
};

/** A row of failed calls without one that was answered. Times in ms on the clock of `performance.now()`, but for `since`. */
type Row = {
  readonly platform: PlatformName;
  readonly quota: string | null;
  readonly since: number;
  readonly beganAt: number;
  lastAt: number;
  failures: number;
  warnings: number;
  outcome: string;
};

/** Knows which platforms and quotas fail, by how every call went. Remembers nothing of those that work. */
export function createFailingWatch(): FailingWatch {
  const rows = new Map<string, Row>();

  function failed(platform: PlatformName, quota: string | null, { outcome, ms }: CallReport): void {
    const now = performance.now();
    const key = rowKey(platform, quota);
    const row = rows.get(key) ?? {
      ...{ platform, quota, since: Date.now() - ms, beganAt: now - ms },
      ...{ lastAt: now, failures: 0, warnings: 0, outcome },
    };
    rows.set(key, row);
    row.failures += 1;
    row.lastAt = now;
    row.outcome = outcome === "no_answer" ? "no answer" : outcome;
  }

  function answered(platform: PlatformName, quota: string | null): void {
    const whole = rows.get(rowKey(platform, null));
    // When all of a platform has failed, its quotas are not to blame: they begin anew.
    if (whole && isOutage(whole)) {
      for (const [key, row] of rows) if (row.platform === platform) rows.delete(key);
    }
    rows.delete(rowKey(platform, null));
    if (quota !== null) rows.delete(rowKey(platform, quota));
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
      for (const [key, { lastAt }] of rows) if (now - lastAt > FORGOTTEN_AFTER_MS) rows.delete(key);
      const outages = [...rows.values()].filter(isOutage).map(outageOf);
      const whole = new Set(outages.filter(({ quota }) => quota === null).map(({ platform }) => platform));
      return outages.filter(({ platform, quota }) => quota === null || !whole.has(platform));
    },
    isWorthWarning({ platform, quota }) {
      const concerned = [null, quota].flatMap((one) => rows.get(rowKey(platform, one)) ?? []);
      for (const row of concerned) row.warnings += 1;
      return concerned.every((row) => row.warnings <= MOST_WARNINGS && !isOutage(row));
    },
  };
}

/** Tells apart what may fail by itself: a platform as a whole (quota null), and each of its quotas. */
export function rowKey(platform: PlatformName, quota: string | null): string {
  return `${platform} ${quota ?? ""}`;
}

function isOutage({ beganAt, failures }: Row): boolean {
  return failures >= FEWEST_FAILURES && performance.now() - beganAt >= FAILING_AFTER_MS;
}

function outageOf({ platform, quota, since, beganAt, lastAt, outcome }: Row): Outage {
  const now = performance.now();
  return { platform, quota, since, lastedMs: now - beganAt, outcome, silentMs: now - lastAt };
}

/** A 401 counts only where it is the platform's own. */
function isFailure({ outcome, isRefusal }: CallReport): boolean {
  if (outcome === "401") return isRefusal;
  return outcome === "no_answer" || outcome === "429" || Number(outcome) >= 500;
}

/** What a gateway refuses says nothing about the platform behind it. */
function isAnswer({ outcome, isRefusal }: CallReport): boolean {
  return isRefusal || (Number(outcome) >= 200 && Number(outcome) < 300);
}
