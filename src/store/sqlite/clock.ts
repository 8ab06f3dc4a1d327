const CLOCK_TOLERANCE_MS = 1000;

/** Whether the wall clock, by which jobs are due, was set back since it was noted last. */
export function createClock() {
  let noted = { wall: Date.now(), monotonic: performance.now() };
  return {
    note() {
      noted = { wall: Date.now(), monotonic: performance.now() };
    },
    wasSetBack() {
      const expected = noted.wall + performance.now() - noted.monotonic;
      return Date.now() < expected - CLOCK_TOLERANCE_MS;
    },
  };
}
