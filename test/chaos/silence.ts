const LOOK_EVERY_MS = 20;

/** Measures the longest time, in ms, in which a counter stood still. */
export function watchSilence(count: () => number): { stop(): number } {
  let last = count();
  let changedAt = performance.now();
  let longest = 0;

  function look(): void {
    const now = performance.now();
    longest = Math.max(longest, now - changedAt);
    const seen = count();
    if (seen === last) return;
    last = seen;
    changedAt = now;
  }

  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
      return Math.round(longest);
    },
  };
}
