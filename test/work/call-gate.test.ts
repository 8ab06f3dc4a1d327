import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { PlatformError, StoreError } from "../../src/errors.ts";
import type { CallGate } from "../../src/http/http.ts";
import type { Store } from "../../src/store/store.ts";
import { createCallGate } from "../../src/work/call-gate.ts";
import { stopClock, turns } from "../support/clock.ts";
import { createLogSink } from "../support/log.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

function gateOver({ holds }: Pick<Store, "holds">) {
  const sink = createLogSink();
  return { gate: createCallGate(holds, sink.log), sink };
}

/** The error that a call of the quota gets; null when it passes. */
async function meets(gate: CallGate, quota: string): Promise<PlatformError | null> {
  try {
    await gate.pass(quota, "Example");
    return null;
  } catch (error) {
    if (error instanceof PlatformError) return error;
    throw error;
  }
}

test("a hold stops every call of its quota until it is over, and no call of another", async () => {
  stopClock();
  const { gate } = gateOver(openTestStore());
  await gate.hold("a", 5000);
  expect(await meets(gate, "a")).toMatchObject({
    message: "Example has asked for a pause until 10:00:05 UTC; no call was made.",
    type: "held",
    wasAsked: false,
    retryable: true,
    wasNotDone: true,
    retryAfterMs: 5000,
  });
  expect(await meets(gate, "b")).toBeNull();
  expect(gate.heldMs("a")).toBe(5000);
  vi.advanceTimersByTime(4999);
  expect(await meets(gate, "a")).not.toBeNull();
  vi.advanceTimersByTime(1);
  expect(await meets(gate, "a")).toBeNull();
  expect(gate.heldMs("a")).toBe(0);
  await gate.hold("a", 86_400_000);
  expect((await meets(gate, "a"))?.message).toContain("until 2026-01-06 10:00:05 UTC");
});

test("of several holds of a quota, the one that ends last counts, on disk as well", async () => {
  stopClock();
  const store = openTestStore();
  const { gate } = gateOver(store);
  for (const ms of [1000, 9000, 4000]) await gate.hold("a", ms);
  await gate.hold("b", 3000);
  expect(gate.heldMs("b")).toBe(3000);
  expect(await meets(gate, "a")).toMatchObject({ retryAfterMs: 9000 });
  expect(await store.holds.list()).toMatchObject([
    { quota: "a", ms: 9000 },
    { quota: "b", ms: 3000 },
  ]);
});

test("a hold outlives the process", async () => {
  stopClock();
  const path = join(temporaryFolder(), "test.db");
  await gateOver(openTestStore(path)).gate.hold("a", 60_000);
  vi.advanceTimersByTime(20_000);
  const { gate } = gateOver(openTestStore(path));
  expect(await meets(gate, "a")).toMatchObject({ retryAfterMs: 40_000 });
});

test("a hold of another process is respected within a second", async () => {
  stopClock();
  const path = join(temporaryFolder(), "test.db");
  const { gate } = gateOver(openTestStore(path));
  expect(await meets(gate, "a")).toBeNull();
  await gateOver(openTestStore(path)).gate.hold("a", 60_000);
  vi.advanceTimersByTime(1000);
  expect(await meets(gate, "a")).not.toBeNull();
});

test("setting the clock does not change a hold of this process, nor lengthen it for the next one", async () => {
  stopClock();
  const store = openTestStore();
  const { gate } = gateOver(store);
  await gate.hold("a", 60_000);
  for (const jump of [-7_200_000, 7_200_000]) {
    vi.setSystemTime(Date.now() + jump);
    expect(await meets(gate, "a")).toMatchObject({ retryAfterMs: 60_000 });
  }
  vi.setSystemTime(Date.now() - 7_200_000);
  expect(await store.holds.list()).toMatchObject([{ quota: "a", reason: "asked", ms: 60_000 }]);
});

test("a hold that cannot be saved still counts, and the log says what a restart would do", async () => {
  const failing = () => Promise.reject(new StoreError("The disk is full."));
  const { gate, sink } = gateOver({
    holds: { hold: failing, lift: failing, askedMs: failing, list: failing },
  });
  await gate.hold("a", 60_000);
  expect(await meets(gate, "a")).not.toBeNull();
  expect(sink.messages().at(-1)).toBe(
    "The pause could not be saved; a restart would forget it: The disk is full.",
  );
});

test("a hold that an operator lifts ends for the running server within a second", async () => {
  stopClock();
  const store = openTestStore();
  const { gate } = gateOver(store);
  await gate.hold("a", 3_600_000);
  await store.holds.lift("a", "asked");
  vi.advanceTimersByTime(1000);
  expect(gate.heldMs("a")).toBeGreaterThan(0);
  await turns();
  expect(gate.heldMs("a")).toBe(0);
  expect(await meets(gate, "a")).toBeNull();
});
