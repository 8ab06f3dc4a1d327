import fc from "fast-check";
import { expect, test } from "vitest";
import { createPace, type Pace, type Verdict } from "../src/pace.ts";

/** How many more jobs of the quota may be begun now; they are begun. */
function fill(pace: Pace, quota: string): number {
  let begun = 0;
  while (!pace.full().includes(quota) && begun < 1000) {
    pace.started(quota);
    begun += 1;
  }
  return begun;
}

function end(pace: Pace, quota: string, verdict: Verdict, times: number): void {
  for (let n = 0; n < times; n += 1) pace.ended(quota, verdict);
}

test("a quota is open until as many jobs are under way as there may be at all", () => {
  const pace = createPace(8);
  expect(pace.full()).toEqual([]);
  expect(fill(pace, "a")).toBe(8);
  expect(pace.full()).toEqual(["a"]);
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
  pace.ended("a", "failing");
  expect(pace.full()).toEqual(["a"]);
  end(pace, "a", "failing", 7);
  expect(pace.full()).toEqual([]);
});

test("an attempt in which no call was made changes nothing", () => {
  const pace = createPace(8);
  for (let n = 0; n < 2; n += 1) pace.started("a");
  end(pace, "a", "failing", 1);
  end(pace, "a", "not_asked", 1);
  expect(fill(pace, "a")).toBe(4);
});

test("it is narrow from the first failure until everything may be under way again", () => {
  const pace = createPace(4);
  expect(pace.isNarrow()).toBe(false);
  pace.started("a");
  pace.ended("a", "failing");
  const narrow: boolean[] = [];
  for (let n = 0; n < 3; n += 1) {
    narrow.push(pace.isNarrow());
    pace.started("a");
    pace.ended("a", "answered");
  }
  expect(narrow).toEqual([true, true, false]);
});

test("whatever happens, a quota with nothing under way opens again, and none has more than there may be", () => {
  const verdict = fc.constantFrom<Verdict>("answered", "failing", "not_asked");
  const step = fc.record({ begin: fc.nat(6), verdicts: fc.array(verdict, { maxLength: 6 }) });
  fc.assert(
    fc.property(fc.array(step), fc.integer({ min: 1, max: 8 }), (steps, most) => {
      const pace = createPace(most);
      let running = 0;
      for (const { begin, verdicts } of steps) {
        for (let n = 0; n < begin && !pace.full().includes("a"); n += 1) {
          pace.started("a");
          running += 1;
        }
        expect(running).toBeLessThanOrEqual(most);
        for (const verdict of verdicts.slice(0, running)) {
          pace.ended("a", verdict);
          running -= 1;
        }
      }
      for (; running > 0; running -= 1) pace.ended("a", "failing");
      expect(pace.full()).toEqual([]);
    }),
  );
});
