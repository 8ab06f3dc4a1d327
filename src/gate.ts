import { PlatformError, sentenceOf } from "./errors.ts";
import type { CallGate } from "./http.ts";
import type { Log } from "./log.ts";
import type { Holds } from "./store/store.ts";

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
  /** By quota: when it opens, on the clock of `performance.now()`. */
  const opensAt = new Map<string, number>();
  const looked = new Set<string>();
  let lookedIn = -1;

  function remainingMs(quota: string): number {
    const ms = (opensAt.get(quota) ?? 0) - performance.now();
    if (ms <= 0) opensAt.delete(quota);
    return Math.max(ms, 0);
  }

  function keepUntil(quota: string, forMs: number): void {
    if (forMs > remainingMs(quota)) opensAt.set(quota, performance.now() + forMs);
  }

  /** What other processes were asked for, looked at once a second for a quota that is in use. */
  async function readOf(quota: string): Promise<void> {
    const second = Math.floor(performance.now() / READ_EVERY_MS);
    if (second !== lookedIn) looked.clear();
    lookedIn = second;
    if (looked.has(quota)) return;
    looked.add(quota);
    // Without the database the holds of this process still count.
    keepUntil(quota, await holds.askedMs(quota).catch(() => 0));
  }

  return {
    async pass(quota, platform) {
      await readOf(quota);
      const ms = remainingMs(quota);
      if (ms > 0) throw held(platform, ms);
    },
    async hold(quota, forMs) {
      keepUntil(quota, forMs);
      log.info(
        { quota, ms: Math.round(forMs) },
        "The platform asks for a pause; no call is made until it is over.",
      );
      await holds.hold(quota, "asked", forMs).catch((error: unknown) => {
        log.warn({ quota }, `The pause is not on disk, a restart would not keep it: ${sentenceOf(error)}`);
      });
    },
    heldMs: remainingMs,
  };
}

function held(platform: string, ms: number): PlatformError {
  const until = new Date(Date.now() + ms).toISOString().slice(11, 19);
  return new PlatformError(`${platform} has asked for a pause until ${until} UTC; no call was made.`, {
    type: "held",
    retryable: true,
    wasNotDone: true,
    retryAfterMs: ms,
  });
}
