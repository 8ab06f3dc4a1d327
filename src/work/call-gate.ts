import { formatTime } from "../durations.ts";
import { PlatformError, sentenceOf } from "../errors.ts";
import type { CallGate } from "../http/http.ts";
import type { Log } from "../log.ts";
import type { Holds } from "../store/store.ts";

/** A platform may have asked another process on the same database for a pause. */
const READ_EVERY_MS = 1000;

/**
 * A gate for all calls that have a quota: for jobs, in the background and by commands. Its holds outlive the process. It
 * measures pauses by the monotonic clock, so that setting the wall clock changes nothing.
 */
export function createCallGate(holds: Holds, log: Log): CallGate {
  /** By quota: when it opens, by `performance.now()`, and whether that is on disk. */
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

  /** Learns of other processes' holds, and of holds that an operator lifted; reads each quota at most once a second. */
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
      // Without the database, the holds of this process still count.
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
        log.warn({ quota }, `The pause could not be saved; a restart would forget it: ${sentenceOf(error)}`);
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
    `${platform} has asked for a pause until ${formatTime(now + ms, now)}; no call was made.`,
    {
      type: "held",
      wasAsked: false,
      retryable: true,
      wasNotDone: true,
      retryAfterMs: ms,
    },
  );
}
