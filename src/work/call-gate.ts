import { momentOf } from "../durations.ts";
import { PlatformError, sentenceOf } from "../errors.ts";
import type { CallGate } from "../http/http.ts";
import type { Log } from "../log.ts";
import type { Holds } from "../store/store.ts";

/** Another process on the same database may have been asked for a pause. */
const READ_EVERY_MS = 1000;

/**
 * Keeps the pauses that platforms ask for (Retry-After): while a quota is held, no call that draws on it is made, neither
 * for a job nor in the background nor by a command.
 */
export type Gate = CallGate & {
  /** Milliseconds until the quota opens, 0 when it is open. */
  heldMs(quota: string): number;
};

/** A gate whose holds outlive the process. Waits by a clock that only goes forward, whatever the wall clock does. */
export function createGate(holds: Holds, log: Log): Gate {
  /** By quota: when it opens, on the clock of `performance.now()`, and whether that is on disk. */
  const known = new Map<string, { opensAt: number; isKept: boolean }>();
  const looked = new Set<string>();
  let lookedIn = -1;

  function remainingMs(quota: string): number {
    const ms = (known.get(quota)?.opensAt ?? 0) - performance.now();
    if (ms <= 0) known.delete(quota);
    return Math.max(ms, 0);
  }

  function keep(quota: string, forMs: number, isKept: boolean): void {
    if (forMs > remainingMs(quota)) known.set(quota, { opensAt: performance.now() + forMs, isKept });
  }

  /** What other processes were asked for, and whether an operator has lifted it: looked at once a second for each quota. */
  async function readOf(quota: string): Promise<void> {
    const second = Math.floor(performance.now() / READ_EVERY_MS);
    if (second !== lookedIn) looked.clear();
    lookedIn = second;
    if (looked.has(quota)) return;
    looked.add(quota);
    try {
      const ms = await holds.askedMs(quota);
      if (ms !== null) keep(quota, ms, true);
      else if (known.get(quota)?.isKept) known.delete(quota);
    } catch {
      // Without the database the holds of this process still count.
    }
  }

  return {
    async pass(quota, platform) {
      await readOf(quota);
      const ms = remainingMs(quota);
      if (ms > 0) throw held(platform, ms);
    },
    async hold(quota, forMs) {
      keep(quota, forMs, false);
      log.info(
        { quota, ms: Math.round(forMs) },
        "The platform asks for a pause; no call is made until it is over.",
      );
      try {
        await holds.hold(quota, "asked", forMs);
        const hold = known.get(quota);
        if (hold) hold.isKept = true;
      } catch (error) {
        log.warn({ quota }, `The pause is not on disk, a restart would not keep it: ${sentenceOf(error)}`);
      }
    },
    heldMs(quota) {
      const ms = remainingMs(quota);
      if (ms > 0) void readOf(quota);
      return ms;
    },
  };
}

function held(platform: string, ms: number): PlatformError {
  const now = Date.now();
  return new PlatformError(
    `${platform} has asked for a pause until ${momentOf(now + ms, now)}; no call was made.`,
    {
      type: "held",
      retryable: true,
      wasNotDone: true,
      retryAfterMs: ms,
    },
  );
}
