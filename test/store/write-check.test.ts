import { expect, test, vi } from "vitest";
import { StoreError } from "../../src/errors.ts";
import { createWriteCheck } from "../../src/store/write-check.ts";
import { aJob } from "../support/jobs.ts";
import { openTestStore } from "../support/store.ts";
import { claimOne, DONE } from "./in-hand.ts";

const FULL = new StoreError("The disk is full.");

function aCheckedInbox() {
  const { inbox } = openTestStore();
  const accept = vi.fn(inbox.accept);
  const write = vi.fn(async (_bytes: number) => {});
  const settle = vi.fn(inbox.settle);
  const checked = createWriteCheck({ ...inbox, accept, settle }, write);
  /** How many bytes the check has written at least. */
  const bytesOfCheck = async () => {
    await checked.check().catch(() => {});
    return write.mock.lastCall?.[0] ?? 0;
  };
  return { ...checked, accept, settle, write, bytesOfCheck };
}

test("the check writes little if the last delivery succeeded", async () => {
  const { inbox, accept, bytesOfCheck } = aCheckedInbox();
  expect(await inbox.accept([aJob()])).toBe(1);
  expect(await bytesOfCheck()).toBe(0);
  accept.mockRejectedValueOnce(FULL);
  await expect(inbox.accept([aJob()])).rejects.toBe(FULL);
  await inbox.accept([aJob()]);
  expect(await bytesOfCheck()).toBe(0);
});

test("after a failed delivery, the check writes as much as a delivery until it succeeds", async () => {
  const { inbox, accept, write, check, bytesOfCheck } = aCheckedInbox();
  accept.mockRejectedValueOnce(FULL);
  await expect(inbox.accept([aJob()])).rejects.toBe(FULL);
  write.mockRejectedValue(FULL);
  for (let n = 0; n < 3; n += 1) {
    await expect(check()).rejects.toBe(FULL);
    expect(await bytesOfCheck()).toBeGreaterThan(32_768);
  }
  write.mockResolvedValue();
  expect(await bytesOfCheck()).toBeGreaterThan(32_768);
  expect(await bytesOfCheck()).toBe(0);
});

test("so it does after a job that could not be settled: else the database would seem to recover each second", async () => {
  const { inbox, settle, bytesOfCheck } = aCheckedInbox();
  await inbox.accept([aJob()]);
  const job = await claimOne(inbox);
  settle.mockRejectedValueOnce(FULL);
  await expect(inbox.settle(job, DONE, {})).rejects.toBe(FULL);
  expect(await bytesOfCheck()).toBeGreaterThan(32_768);
  expect(await bytesOfCheck()).toBe(0);
});
