import { expect, test, vi } from "vitest";
import { StoreError } from "../../src/errors.ts";
import { watchDeliveries } from "../../src/web/watched-inbox.ts";
import { aJob } from "../support/jobs.ts";
import { openTestStore } from "../support/store.ts";

const FULL = new StoreError("The disk is full.");

function createWatched() {
  const { inbox } = openTestStore();
  const accept = vi.fn(inbox.accept);
  const checkStore = vi.fn(async (_bytes?: number) => {});
  const watched = watchDeliveries({ inbox: { ...inbox, accept }, check: checkStore });
  /** How many bytes the check has written at least. */
  const bytesOfCheck = async () => {
    await watched.check().catch(() => {});
    return checkStore.mock.lastCall?.[0] ?? 0;
  };
  return { ...watched, accept, checkStore, bytesOfCheck };
}

test("the check writes little if the last delivery succeeded", async () => {
  const { inbox, accept, bytesOfCheck } = createWatched();
  expect(await inbox.accept([aJob()])).toBe(1);
  expect(await bytesOfCheck()).toBe(0);
  accept.mockRejectedValueOnce(FULL);
  await expect(inbox.accept([aJob()])).rejects.toBe(FULL);
  await inbox.accept([aJob()]);
  expect(await bytesOfCheck()).toBe(0);
});

test("after a failed delivery, the check writes as much as a delivery until it succeeds", async () => {
  const { inbox, accept, checkStore, check, bytesOfCheck } = createWatched();
  accept.mockRejectedValueOnce(FULL);
  await expect(inbox.accept([aJob()])).rejects.toBe(FULL);
  checkStore.mockRejectedValue(FULL);
  for (let n = 0; n < 3; n += 1) {
    await expect(check()).rejects.toBe(FULL);
    expect(await bytesOfCheck()).toBeGreaterThan(32_768);
  }
  checkStore.mockResolvedValue();
  expect(await bytesOfCheck()).toBeGreaterThan(32_768);
  expect(await bytesOfCheck()).toBe(0);
});
