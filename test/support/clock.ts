import { setImmediate as nextTurn, setTimeout as reallyWait } from "node:timers/promises";
import { onTestFinished, vi } from "vitest";

/** Time that moves only when the test says so. setImmediate stays real: the store commits by it. */
export function stopClock(): void {
  vi.useFakeTimers({
    toFake: ["Date", "performance", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
    now: new Date("2026-01-05T10:00:00Z"),
  });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** Lets everything happen that needs no time to pass: commits of the store, and what waits for them. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
  // Its answers take time that is real.
  if (process.env.TEST_STORE === "postgres") await reallyWait(8);
}

/** Lets time pass in steps, between which the store gets its turns. Only while the clock is stopped. */
export async function passTime(ms: number, stepMs = 25): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    await vi.advanceTimersByTimeAsync(Math.min(stepMs, ms - passed));
    await turns(6);
  }
}

const STEP_MS = 50;

/**
 * Lets time pass until the check holds, at most two minutes of it. Calls on this machine need none: they are answered
 * between the steps. Only while the clock is stopped.
 */
export async function timePassesUntil(check: () => void | Promise<void>, mostMs = 120_000): Promise<void> {
  for (let passed = 0; ; passed += STEP_MS) {
    try {
      await check();
      return;
    } catch (error) {
      if (passed >= mostMs) throw error;
    }
    await vi.advanceTimersByTimeAsync(STEP_MS);
    await turns();
  }
}
