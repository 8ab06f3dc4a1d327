import fc from "fast-check";
import { expect, test } from "vitest";
import { isDue } from "../../../src/platforms/keyword-bot/lifetime.ts";
import { anInstallation } from "../../support/jobs.ts";

const at = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });
const lifetime = fc.integer({ min: 60_000, max: 90 * 24 * 3_600_000 });

test("a token is never due in the first three quarters of its lifetime, and always in the last fifth", () => {
  fc.assert(
    fc.property(at, lifetime, (obtainedAt, lifetimeMs) => {
      const installation = anInstallation({ obtainedAt, expiresAt: obtainedAt + lifetimeMs });
      expect(isDue(installation, obtainedAt)).toBe(false);
      expect(isDue(installation, obtainedAt + Math.floor(lifetimeMs * 0.75) - 1)).toBe(false);
      expect(isDue(installation, obtainedAt + Math.ceil(lifetimeMs * 0.8))).toBe(true);
      expect(isDue(installation, obtainedAt + lifetimeMs)).toBe(true);
    }),
  );
});

test("tokens issued together are not all due together", () => {
  const base = 1_760_000_000_000;
  const installations = Array.from({ length: 1000 }, (_, ms) =>
    anInstallation({ obtainedAt: base + ms, expiresAt: base + ms + 3_600_000 }),
  );
  const dueAt = (share: number) =>
    installations.filter((installation) => isDue(installation, base + 3_600_000 * share)).length;

  expect(dueAt(0.76)).toBeGreaterThan(150);
  expect(dueAt(0.76)).toBeLessThan(250);
  expect(dueAt(0.801)).toBe(1000);
});

test.each([
  ["longer than any token's", 1_760_000_000_000, 8_640_000_000_000_000],
  ["negative", 1_760_000_000_000, 0],
  ["none, at the end of time", 8_640_000_000_000_000, 8_640_000_000_000_000],
])("a token whose lifetime is %s is due at once", (_how, obtainedAt, expiresAt) => {
  expect(isDue(anInstallation({ obtainedAt, expiresAt }), 1_760_000_000_000)).toBe(true);
});
