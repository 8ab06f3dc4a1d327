import { expect, test, vi } from "vitest";
import { createRounds } from "../src/rounds.ts";
import { stopClock } from "./support/clock.ts";

/** Rounds of this length, and when each began, in ms since the start. */
function createTimed(pauseMs: number, tookMs: number) {
  stopClock();
  const startedAt = Date.now();
  const began: number[] = [];
  const rounds = createRounds(pauseMs, async () => {
    began.push(Date.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, tookMs));
  });
  return { rounds, began };
}

test("a round begins one pause after the last one has ended", async () => {
  const { rounds, began } = createTimed(1000, 300);
  rounds.start();
  await vi.advanceTimersByTimeAsync(3000);
  expect(began).toEqual([0, 1300, 2600]);
});

test("the first round may be delayed", async () => {
  const { rounds, began } = createTimed(1000, 100);
  rounds.start(400);
  await vi.advanceTimersByTimeAsync(2000);
  expect(began).toEqual([400, 1500]);
});

test("an extra round replaces the next one, and waits for the current one", async () => {
  const { rounds, began } = createTimed(1000, 300);
  rounds.start();
  await vi.advanceTimersByTimeAsync(100);
  rounds.again();
  await vi.advanceTimersByTimeAsync(2000);
  expect(began).toEqual([0, 300, 1600]);
});

test("a stop waits for the current round, and none begins afterwards", async () => {
  const { rounds, began } = createTimed(1000, 300);
  const stopped = vi.fn();
  rounds.start();
  await vi.advanceTimersByTimeAsync(100);
  void rounds.stop().then(stopped);
  rounds.again();
  await vi.advanceTimersByTimeAsync(100);
  expect(stopped).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(5000);
  expect(stopped).toHaveBeenCalledOnce();
  expect(rounds.isStopped()).toBe(true);
  expect(began).toEqual([0]);
});
