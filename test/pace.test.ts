import fc from "fast-check";
import { expect, test } from "vitest";
import { createPace, type Pace, type Verdict } from "../src/pace.ts";

/** How many more jobs of the quota may be begun now; they are begun. */
function fill(pace: Pace, quota: string, now = 0): number {
  let begun = 0;
  while (!pace.closed(now).includes(quota) && begun < 1000) {
    pace.started(quota);
    begun += 1;
  }
  return begun;
}

function end(pace: Pace, quota: string, verdict: Verdict, times: number, now = 0): void {
  for (let n = 0; n < times; n += 1) pace.ended(quota, verdict, now);
}

test("a quota is open until as many jobs are under way as there may be at all", () => {
  const pace = createPace(8);
  expect(pace.closed(0)).toEqual([]);
  expect(fill(pace, "a")).toBe(8);
  expect(pace.closed(0)).toEqual(["a"]);
  end(pace, "a", "answered", 3);
  expect(fill(pace, "a")).toBe(3);
});

/** How many jobs may be under way at once after so many have failed and then so many have got through. */
function roomAfter({ failures, successes }: { failures: number; successes: number }): number {
  const pace = createPace(8);
  for (let n = 0; n < failures + successes; n += 1) pace.started("a");
  end(pace, "a", "failing", failures);
  end(pace, "a", "answered", successes);
  return fill(pace, "a");
}

test("each failure halves what may be under way, down to one", () => {
  const room = [0, 1, 2, 3, 4, 50].map((failures) => roomAfter({ failures, successes: 0 }));
  expect(room).toEqual([8, 4, 2, 1, 1, 1]);
});

test("each job that gets through lets one more in, up to all there may be", () => {
  const room = [0, 1, 2, 3, 6, 7, 8, 50].map((successes) => roomAfter({ failures: 3, successes }));
  expect(room).toEqual([1, 2, 3, 4, 7, 8, 8, 8]);
});

test("one that fails closes its own quota while more are under way than there may be", () => {
  const pace = createPace(8);
  expect(fill(pace, "a")).toBe(8);
  pace.started("b");
  pace.ended("a", "failing", 0);
  expect(pace.closed(0)).toEqual(["a"]);
  end(pace, "a", "failing", 7);
  expect(pace.closed(0)).toEqual([]);
});

test("a rate limit closes its own quota until the platform's time is over", () => {
  const pace = createPace(8);
  pace.started("a");
  pace.started("b");
  pace.ended("a", { heldForMs: 5000 }, 1000);
  expect(pace.closed(1000)).toEqual(["a"]);
  expect(pace.closed(5999)).toEqual(["a"]);
  expect(pace.closed(6000)).toEqual([]);
});

test("of several rate limits the longest counts, and good answers do not shorten it", () => {
  const pace = createPace(8);
  for (let n = 0; n < 3; n += 1) pace.started("a");
  pace.ended("a", { heldForMs: 9000 }, 0);
  pace.ended("a", { heldForMs: 1000 }, 0);
  pace.ended("a", "answered", 0);
  expect(pace.nextOpeningAt(0)).toBe(9000);
  expect(pace.closed(8999)).toEqual(["a"]);
});

test("the next opening is that of the quota that opens first", () => {
  const pace = createPace(8);
  expect(pace.nextOpeningAt(0)).toBeNull();
  pace.started("a");
  pace.started("b");
  pace.ended("a", { heldForMs: 9000 }, 0);
  pace.ended("b", { heldForMs: 4000 }, 0);
  expect(pace.nextOpeningAt(0)).toBe(4000);
  expect(pace.nextOpeningAt(4000)).toBe(9000);
  expect(pace.nextOpeningAt(9000)).toBeNull();
});

test("it is narrow from the first failure until everything may be under way again", () => {
  const pace = createPace(4);
  expect(pace.isNarrow()).toBe(false);
  pace.started("a");
  pace.ended("a", "failing", 0);
  const narrow: boolean[] = [];
  for (let n = 0; n < 3; n += 1) {
    narrow.push(pace.isNarrow());
    pace.started("a");
    pace.ended("a", "answered", 0);
  }
  expect(narrow).toEqual([true, true, false]);
});

test("whatever happens, a quota with nothing under way opens again, and none has more than there may be", () => {
  const verdict = fc.oneof(
    fc.constantFrom<Verdict>("answered", "failing"),
    fc.record({ heldForMs: fc.nat(5000) }),
  );
  const step = fc.record({ begin: fc.nat(6), verdicts: fc.array(verdict, { maxLength: 6 }) });
  fc.assert(
    fc.property(fc.array(step), fc.integer({ min: 1, max: 8 }), (steps, most) => {
      const pace = createPace(most);
      let now = 0;
      let running = 0;
      for (const { begin, verdicts } of steps) {
        now += 1000;
        for (let n = 0; n < begin && !pace.closed(now).includes("a"); n += 1) {
          pace.started("a");
          running += 1;
        }
        expect(running).toBeLessThanOrEqual(most);
        for (const verdict of verdicts.slice(0, running)) {
          pace.ended("a", verdict, now);
          running -= 1;
        }
      }
      for (; running > 0; running -= 1) pace.ended("a", "failing", now);
      expect(pace.closed(now + 5001)).toEqual([]);
    }),
  );
});
