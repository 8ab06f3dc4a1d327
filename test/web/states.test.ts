import { expect, test, vi } from "vitest";
import { createStates } from "../../src/web/states.ts";
import { stopClock } from "../support/clock.ts";

const TEN_MINUTES_MS = 600_000;

test("a state is valid once, in the browser that got it; checking it does not use it up", () => {
  const states = createStates();
  const state = states.issue();

  expect(states.isGood(state, state)).toBe(true);
  expect(states.isGood(state, "another")).toBe(false);
  expect(states.redeem(state, state)).toBe(true);
  expect(states.redeem(state, state)).toBe(false);
  expect(states.isGood(state, state)).toBe(false);
});

test("states differ, and have at least 128 bits", () => {
  const states = createStates();
  const issued = Array.from({ length: 100 }, states.issue);

  expect(new Set(issued).size).toBe(100);
  for (const state of issued) expect(Buffer.from(state, "base64url").length).toBeGreaterThanOrEqual(16);
});

test("another browser can neither use a state nor use it up", () => {
  const states = createStates();
  const [state, another] = [states.issue(), states.issue()];

  expect(states.redeem(state, another)).toBe(false);
  expect(states.redeem(state, undefined)).toBe(false);
  expect(states.redeem(state, `${state}x`)).toBe(false);
  expect(states.redeem(state, state)).toBe(true);
});

test("a state is valid for ten minutes", () => {
  stopClock();
  const states = createStates();
  const [inTime, tooLate] = [states.issue(), states.issue()];

  vi.advanceTimersByTime(TEN_MINUTES_MS - 1);
  expect(states.redeem(inTime, inTime)).toBe(true);
  vi.advanceTimersByTime(1);
  expect(states.redeem(tooLate, tooLate)).toBe(false);
});

test("setting the clock does not change how long a state is valid", () => {
  stopClock();
  const states = createStates();
  const [one, other] = [states.issue(), states.issue()];
  vi.setSystemTime(Date.now() + 2 * TEN_MINUTES_MS);
  expect(states.redeem(one, one)).toBe(true);
  vi.setSystemTime(Date.now() - 4 * TEN_MINUTES_MS);
  vi.advanceTimersByTime(TEN_MINUTES_MS);
  expect(states.redeem(other, other)).toBe(false);
});

test("requesting states endlessly pushes out nobody else's", () => {
  const states = createStates();
  const first = states.issue();
  const others = Array.from({ length: 11_000 }, states.issue);
  const [second = "", last = ""] = [others[0], others.at(-1)];

  expect(states.redeem(first, first)).toBe(true);
  expect(states.redeem(second, second)).toBe(true);
  expect(states.redeem(last, last)).toBe(true);
});

test("ten thousand used states are remembered, so that none is valid again", () => {
  const states = createStates();
  const used = Array.from({ length: 10_000 }, states.issue);
  for (const state of used) expect(states.redeem(state, state)).toBe(true);
  for (const state of used) expect(states.redeem(state, state)).toBe(false);
});

test("using more states than that drops the oldest used ones instead of filling the memory", () => {
  const states = createStates();
  const used = Array.from({ length: 10_001 }, states.issue);
  for (const state of used) expect(states.redeem(state, state)).toBe(true);
  const isForgotten = used.map((state) => states.isGood(state, state));
  expect(isForgotten.indexOf(true)).toBe(0);
  expect(isForgotten.lastIndexOf(true)).toBe(0);
});

test("an altered state is not valid, and neither is another server's", () => {
  const states = createStates();
  const state = states.issue();
  // It begins with its time.
  const younger = (Date.now() + 1000).toString(36).padStart(10, "0") + state.slice(10);
  const foreign = createStates().issue();

  expect(younger).not.toBe(state);
  expect(states.redeem(younger, younger)).toBe(false);
  expect(states.redeem(foreign, foreign)).toBe(false);
  expect(states.redeem("", "")).toBe(false);
});
