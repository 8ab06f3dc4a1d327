import { describe, expect, test, vi } from "vitest";
import { LeaseLost } from "../../src/errors.ts";
import type { Inbox, Settlement, Store } from "../../src/store/store.ts";
import { stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { aClaim, claimedKeys, claimOne, DEAD, DONE, nextDueInMs, waiting } from "./in-hand.ts";

const WEEK_MS = 7 * 24 * 3_600_000;

async function settleNew(inbox: Inbox, settlement: Settlement, job = aJob()): Promise<void> {
  await inbox.accept([job]);
  await inbox.settle(await claimOne(inbox), settlement, {});
}

export function settleContract(fresh: () => Promise<Store>): void {
  test("unsettled jobs are counted by platform, and their lanes by quota up to a limit", async () => {
    const { inbox, desk } = await fresh();
    expect(await desk.countUnsettled()).toEqual({});
    await settleNew(inbox, DONE, aJob({ platform: "chatio" }));
    const license = { platform: "chatio", quota: "chatio:1520" } as const;
    await inbox.accept([
      aJob({ ...license, lane: "chat-1" }),
      aJob({ ...license, lane: "chat-1" }),
      aJob({ ...license, lane: "chat-2" }),
      aJob({ platform: "chatio", quota: "chatio:1521" }),
      aJob(),
    ]);
    expect(await desk.countUnsettled()).toEqual({ chatio: 4, webex: 1 });
    expect(await desk.countUnsettledLanes("chatio:1520", 10)).toBe(2);
    expect(await desk.countUnsettledLanes("chatio:1520", 1)).toBe(1);
    expect(await desk.countUnsettledLanes("chatio:1522", 10)).toBe(0);
    const [inHand] = await inbox.claim(aClaim({ platforms: [{ name: "chatio", most: 1 }], limit: 1 }));
    expect(await desk.countUnsettled()).toEqual({ chatio: 4, webex: 1 });
    expect(await desk.countUnsettledLanes("chatio:1520", 10)).toBe(2);
    expect(await desk.countUnsettledLanes("chatio:1520", 1)).toBe(1);
    if (inHand) await inbox.settle(inHand, DONE, {});
    expect(await desk.countUnsettled()).toEqual({ chatio: 3, webex: 1 });
  });

  test("the longest wait is known while a job waits", async () => {
    stopClock();
    const { inbox, desk } = await fresh();
    expect(await desk.longestWaitMs()).toBeNull();
    const acceptedAt = Date.now();
    await settleNew(inbox, waiting(60_000));
    vi.advanceTimersByTime(1000);
    await inbox.accept([aJob()]);
    expect(await desk.longestWaitMs()).toBe(Date.now() - acceptedAt);
    vi.advanceTimersByTime(60_000);
    for (const job of await inbox.claim(aClaim({ owner: "worker-1", limit: 2, leaseMs: 1000 }))) {
      await inbox.settle(job, DONE, {});
    }
    expect(await desk.longestWaitMs()).toBeNull();
  });

  test("an attempt is settled once, and then cannot be released", async () => {
    const { inbox, desk } = await fresh();
    await inbox.accept([aJob()]);
    const inHand = await claimOne(inbox, { owner: "server-1" });
    await inbox.settle(inHand, DONE, {});
    await expect(inbox.settle(inHand, waiting(0), {})).rejects.toThrow(LeaseLost);
    expect(await inbox.releaseAll("server-1")).toBe(0);
    expect(await desk.countByState()).toMatchObject({ waiting: 0, done: 1 });
  });

  test("the next attempt gets the progress of the last one", async () => {
    const { inbox } = await fresh();
    await inbox.accept([aJob()]);
    const first = await claimOne(inbox);
    await inbox.saveProgress(first, { joined: true });
    await inbox.settle(first, waiting(0), { joined: true, sent: true });
    const second = await claimOne(inbox);
    expect(second).toMatchObject({ attempts: 2, progress: { joined: true, sent: true } });
    await inbox.settle(second, waiting(0), {});
    expect((await claimOne(inbox)).progress).toEqual({});
  });

  describe("the next due time", () => {
    test("is that of the job that is due first, past or future; null when none waits", async () => {
      stopClock();
      const { inbox } = await fresh();
      expect(await nextDueInMs(inbox)).toBeNull();
      await settleNew(inbox, DONE);
      await settleNew(inbox, DEAD);
      expect(await nextDueInMs(inbox)).toBeNull();
      await settleNew(inbox, waiting(9000));
      await settleNew(inbox, waiting(5000));
      expect(await nextDueInMs(inbox)).toBe(5000);
      await inbox.accept([aJob()]);
      expect(await nextDueInMs(inbox)).toBe(0);
    });

    test("is not before the hold of its quota ends", async () => {
      stopClock();
      const { inbox, holds } = await fresh();
      await settleNew(inbox, waiting(9000), aJob({ quota: "free" }));
      await inbox.accept([aJob({ quota: "held" })]);
      await holds.hold("held", "asked", 20_000);
      expect(await nextDueInMs(inbox)).toBe(9000);
      await holds.hold("free", "failing", 30_000);
      expect(await nextDueInMs(inbox)).toBe(20_000);
      await holds.lift("free", "failing");
      expect(await nextDueInMs(inbox)).toBe(9000);
    });

    test("does not count a job behind another of its lane", async () => {
      stopClock();
      const { inbox } = await fresh();
      await inbox.accept([aJob({ lane: "room-1" }), aJob({ lane: "room-1" })]);
      const first = await claimOne(inbox, { owner: "server-1", leaseMs: 60_000 });
      expect(await nextDueInMs(inbox, "server-1")).toBeNull();
      expect(await nextDueInMs(inbox, "server-2")).toBe(60_000);
      await inbox.settle(first, waiting(5000), {});
      expect(await nextDueInMs(inbox)).toBe(5000);
    });
  });

  describe("pruning", () => {
    test("deletes only jobs settled before the given time, dead ones too", async () => {
      stopClock();
      const { inbox, desk } = await fresh();
      await settleNew(inbox, DONE);
      await settleNew(inbox, DEAD);
      vi.advanceTimersByTime(WEEK_MS);
      await settleNew(inbox, DONE);
      expect(await inbox.prune(WEEK_MS, 100)).toBe(0);
      expect(await inbox.prune(WEEK_MS - 1, 100)).toBe(2);
      expect(await desk.countByState()).toMatchObject({ done: 1, dead: 0 });
    });

    test("goes in batches, the oldest first", async () => {
      stopClock();
      const { inbox } = await fresh();
      const jobs = Array.from({ length: 5 }, () => aJob());
      for (const job of jobs) {
        vi.advanceTimersByTime(1000);
        await settleNew(inbox, DONE, job);
      }
      vi.advanceTimersByTime(1000);
      expect(await inbox.prune(0, 2)).toBe(2);
      expect(await inbox.accept(jobs)).toBe(2);
      expect(await claimedKeys(inbox)).toEqual(jobs.slice(0, 2).map(({ key }) => key));
      expect(await inbox.prune(0, 2)).toBe(2);
      expect(await inbox.prune(0, 2)).toBe(1);
      expect(await inbox.prune(0, 2)).toBe(0);
    });

    test("never deletes an unsettled job, however old", async () => {
      stopClock();
      const { inbox, desk } = await fresh();
      await settleNew(inbox, waiting(1000));
      await inbox.accept([aJob()]);
      await claimOne(inbox);
      await inbox.accept([aJob()]);
      vi.advanceTimersByTime(100 * WEEK_MS);
      expect(await inbox.prune(0, 100)).toBe(0);
      expect(await desk.countByState()).toEqual({ waiting: 2, working: 1, done: 0, dead: 0 });
    });
  });
}
