const FIRST_MS = 250;
const LONGEST_MS = 60_000;

/**
 * Milliseconds until the next attempt after `attempts` have failed: 250 ms, doubling to a minute, of which a random
 * half is taken off, so that what failed together does not come back together. Never less than the platform asked for.
 */
export function backoffMs(attempts: number, retryAfterMs: number | null, random: () => number): number {
  const step = Math.min(FIRST_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_MS);
  const jittered = step * (0.5 + random() / 2);
  return Math.round(retryAfterMs === null ? jittered : retryAfterMs + jittered / 10);
}
