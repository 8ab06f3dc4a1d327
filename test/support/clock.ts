import { onTestFinished, vi } from "vitest";

/** Time that moves only when the test says so. setImmediate stays real: the store commits by it. */
export function stopClock(): void {
  vi.useFakeTimers({
    toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
    now: new Date("2026-01-05T10:00:00Z"),
  });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}
