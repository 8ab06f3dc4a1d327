import { expect, test } from "vitest";
import { clockOf, countdown, fromNow, timeOf } from "../../src/pages/times.ts";

const NOW = Date.UTC(2026, 0, 5, 14, 5, 9);
const MINUTE = 60_000;
const HOUR = 3_600_000;

test.each([
  [51.7 * MINUTE, "in 51 minutes"],
  [MINUTE, "in 1 minute"],
  [59_999, "in 59 seconds"],
  [0, "in 0 seconds"],
  [-HOUR, "1 hour ago"],
  [-47 * HOUR, "1 day ago"],
  [72 * HOUR, "in 3 days"],
])("%d ms from now is %s", (ms, words) => {
  expect(fromNow(NOW + ms, NOW)).toBe(words);
});

test.each([
  [2001, "in 3 s"],
  [2000, "in 2 s"],
  [1, "in 1 s"],
  [0, "now"],
  [-5000, "now"],
])("%d ms from now is counted down from %s, and machines get the whole time", (ms, words) => {
  const datetime = new Date(NOW + ms).toISOString();
  expect(String(countdown(NOW + ms, NOW))).toBe(
    `<time datetime="${datetime}" data-countdown>${words}</time>`,
  );
});

test("a time of today is shown without its date, another one with it; machines get the whole time", () => {
  expect(String(timeOf(NOW, NOW))).toBe('<time datetime="2026-01-05T14:05:09.000Z">14:05:09</time>');
  expect(String(timeOf(NOW, NOW + 10 * HOUR))).toContain(">5 Jan, 14:05:09<");
  expect(clockOf(NOW)).toBe("14:05");
});
