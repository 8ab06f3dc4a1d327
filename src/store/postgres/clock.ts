const CLOCK_TOLERANCE_MS = 1000;

/** Tells whether the clock of the database, by which jobs are due, was set back. */
export function createClock() {
  let noted: { now: number; at: number } | null = null;

  /** `now`: the database's time in ms since 1970, asked for at `askedAt` by the monotonic clock. */
  function isBehind(now: number, askedAt: number): boolean {
    return noted !== null && now < noted.now + askedAt - noted.at - CLOCK_TOLERANCE_MS;
  }

  return {
    isBehind,
    /** The same, and notes the time. */
    wasSetBack(now: number, askedAt: number): boolean {
      const wasSet = isBehind(now, askedAt);
      noted = { now, at: performance.now() };
      return wasSet;
    },
  };
}
