import { expect, test, vi } from "vitest";
import { createOnlyServer } from "../../src/store/only-server.ts";
import { createStates } from "../../src/web/states.ts";
import { stopClock } from "../support/clock.ts";

/** Those of a server with a memory of its own. */
function newStates(key = "key-invented") {
  return createStates(key, createOnlyServer().once);
}

const TEN_MINUTES_MS = 600_000;

test("a state is valid once, in the browser that got it; checking it does not use it up", async () => {
  const states = newStates();
  const state = states.issue();

  expect(states.isGood(state, state)).toBe(true);
  expect(states.isGood(state, "another")).toBe(false);
  expect(await states.redeem(state, state)).toBe(true);
  expect(await states.redeem(state, state)).toBe(false);
});

test("states differ, and have at least 128 bits", () => {
  const states = newStates();
  const issued = Array.from({ length: 100 }, states.issue);

  expect(new Set(issued).size).toBe(100);
  for (const state of issued) expect(Buffer.from(state, "base64url").length).toBeGreaterThanOrEqual(16);
});

test("another browser can neither use a state nor use it up", async () => {
  const states = newStates();
  const [state, another] = [states.issue(), states.issue()];

  expect(await states.redeem(state, another)).toBe(false);
  expect(await states.redeem(state, undefined)).toBe(false);
  expect(await states.redeem(state, `${state}x`)).toBe(false);
  expect(await states.redeem(state, state)).toBe(true);
});

test("a state is valid for ten minutes", async () => {
  stopClock();
  const states = newStates();
  const [inTime, tooLate] = [states.issue(), states.issue()];

  vi.advanceTimersByTime(TEN_MINUTES_MS - 1);
  expect(await states.redeem(inTime, inTime)).toBe(true);
  vi.advanceTimersByTime(1);
  expect(await states.redeem(tooLate, tooLate)).toBe(false);
});

test("the clock of another server may be a minute behind, but not more", async () => {
  stopClock();
  const [one, other] = [newStates("shared"), newStates("shared")];
  const states = [one.issue(), one.issue()] as const;
  vi.setSystemTime(Date.now() - 59_000);
  expect(await other.redeem(states[0], states[0])).toBe(true);
  vi.setSystemTime(Date.now() - 2000);
  expect(await other.redeem(states[1], states[1])).toBe(false);
});

test("what one server has issued is good at another with the same key, and so is its verifier", async () => {
  const [one, other] = [newStates("shared"), newStates("shared")];
  const state = one.issue();
  expect(other.verifierOf(state)).toBe(one.verifierOf(state));
  expect(other.isGood(state, state)).toBe(true);
  expect(await other.redeem(state, state)).toBe(true);
});

test("requesting states endlessly pushes out nobody else's", async () => {
  const states = newStates();
  const first = states.issue();
  const others = Array.from({ length: 11_000 }, states.issue);
  const [second = "", last = ""] = [others[0], others.at(-1)];

  expect(await states.redeem(first, first)).toBe(true);
  expect(await states.redeem(second, second)).toBe(true);
  expect(await states.redeem(last, last)).toBe(true);
});

test("an altered state is not valid, and neither is one of another key", async () => {
  const states = newStates();
  const state = states.issue();
  // It begins with its time.
  const younger = (Date.now() + 1000).toString(36).padStart(10, "0") + state.slice(10);
  const foreign = newStates("another").issue();

  expect(younger).not.toBe(state);
  expect(await states.redeem(younger, younger)).toBe(false);
  expect(await states.redeem(foreign, foreign)).toBe(false);
  expect(await states.redeem("", "")).toBe(false);
});
