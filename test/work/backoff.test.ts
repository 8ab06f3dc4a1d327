import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs } from "../../src/work/backoff.ts";

const chance = () => fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("the pause doubles from a quarter of a second to a minute, and stays there", () => {
  const longest = (attempts: number) => backoffMs(attempts, null, () => 1);
  expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100].map(longest)).toEqual([
    250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
  ]);
});

test("up to half of it is taken off by chance, never more", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), chance(), (attempts, random) => {
      const longest = backoffMs(attempts, null, () => 1);
      const pause = backoffMs(attempts, null, () => random);
      expect(pause).toBeGreaterThanOrEqual(Math.floor(longest / 2));
      expect(pause).toBeLessThanOrEqual(longest);
    }),
  );
  expect(backoffMs(3, null, () => 0)).toBe(500);
  expect(backoffMs(3, null, () => 0.5)).toBe(750);
});

test("it is never less than the platform asked for, and not much more", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat(3_600_000), chance(), (attempts, asked, random) => {
      const pause = backoffMs(attempts, asked, () => random);
      expect(pause).toBeGreaterThanOrEqual(asked);
      expect(pause).toBeLessThanOrEqual(asked + 6000);
    }),
  );
});

test("what was told to come back at the same time does not come back together", () => {
  expect(backoffMs(1, 30_000, () => 0)).not.toBe(backoffMs(1, 30_000, () => 0.9));
});
