import { expect, onTestFinished, test, vi } from "vitest";
import { StoreError } from "../../src/errors.ts";
import { createDatabaseWatch } from "../../src/health/database-watch.ts";
import { passTime, stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { createLogSink } from "../support/log.ts";
import { openTestStore } from "../support/store.ts";

const FULL = "The disk is full.";
const BEGUN = `Not ready: ${FULL}`;
const OVER = "The database can be written again.";

function createBench() {
  stopClock();
  const { inbox: written } = openTestStore();
  const sink = createLogSink();
  const checkStore = vi.fn(async () => {});
  const watch = createDatabaseWatch({ check: checkStore, log: sink.log });
  onTestFinished(() => watch.stop());
  const accept = vi.fn(written.accept);
  const inbox = watch.watched({ ...written, accept });
  return { watch, inbox, accept, checkStore, messages: sink.messages };
}

test("both edges are in the log although nobody asks: a delivery meets the first, the watch finds the second", async () => {
  const { inbox, accept, checkStore, messages } = createBench();
  await inbox.accept([aJob()]);
  accept.mockRejectedValue(new StoreError(FULL));
  checkStore.mockRejectedValue(new StoreError(FULL));
  for (let n = 0; n < 3; n += 1) await expect(inbox.accept([aJob()])).rejects.toThrow(FULL);
  await passTime(10_000, 500);
  expect(messages()).toEqual([BEGUN]);

  checkStore.mockResolvedValue();
  await passTime(2000, 500);
  expect(messages()).toEqual([BEGUN, OVER]);
  checkStore.mockClear();
  await passTime(5000, 500);
  expect(checkStore).not.toHaveBeenCalled();
});

test("after a write that failed the next check asks the database anew", async () => {
  const { watch, inbox, accept, checkStore } = createBench();
  expect(await watch.check()).toBeNull();
  accept.mockRejectedValue(new StoreError(FULL));
  checkStore.mockRejectedValue(new StoreError(FULL));
  await expect(inbox.accept([aJob()])).rejects.toThrow(FULL);
  expect(await watch.check()).toBe(FULL);
});

test("an error that is not the database's says nothing about it", async () => {
  const { inbox, accept, messages } = createBench();
  accept.mockRejectedValue(new TypeError("a bug"));
  await expect(inbox.accept([aJob()])).rejects.toThrow("a bug");
  expect(messages()).toEqual([]);
});

test("a stopped watch checks no more", async () => {
  const { watch, inbox, accept, checkStore } = createBench();
  accept.mockRejectedValue(new StoreError(FULL));
  await expect(inbox.accept([aJob()])).rejects.toThrow(FULL);
  await watch.stop();
  await passTime(5000, 500);
  expect(checkStore).not.toHaveBeenCalled();
});
