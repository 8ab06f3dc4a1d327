import { expect, test } from "vitest";
import { formatDuration } from "../src/durations.ts";

test.each([
  [1, "1 ms"],
  [999, "999 ms"],
  [1234, "1.2 s"],
  [45_678, "46 s"],
  [90_000, "1.5 min"],
  [3_600_000, "60 min"],
])("%d ms is formatted as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
