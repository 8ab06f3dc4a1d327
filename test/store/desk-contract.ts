import { describe, expect, test, vi } from "vitest";
import { type Inbox, NO_CALLS, type Settlement, type Store } from "../../src/store/store.ts";
import { stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { claimedKeys, claimOne, DEAD, DONE, keysOf, nextDueInMs, waiting } from "./in-hand.ts";

async function keepAs(inbox: Inbox, settlement: Settlement, job = aJob()) {
  await inbox.accept([job]);
  await inbox.settle(await claimOne(inbox), settlement, { joined: true });
  return job;
}

export function deskContract(fresh: () => Promise<Store>): void {
  test("everything known of a job is shown", async () => {
    stopClock();
    const { inbox, desk } = await fresh();
    const now = Date.now();
    const known = {
      acceptedAt: now,
      putBackAt: null,
      attempts: 1,
      progress: { joined: true },
      outcome: null,
      lastError: null,
    };
    const waits = await keepAs(inbox, waiting(5000));
    const isDead = await keepAs(inbox, DEAD);
    const isDone = await keepAs(inbox, DONE);
    expect(await desk.find(waits.key)).toEqual({
      ...waits,
      ...known,
      position: expect.any(String),
      state: "waiting",
      nextAttemptAt: now + 5000,
      settledAt: null,
      lastError: "no answer",
      isBehind: false,
      server: null,
      history: [{ startedAt: now, ms: 0, end: "waiting", says: "no answer", calls: NO_CALLS }],
    });
    expect(await desk.find(isDead.key)).toMatchObject({
      ...known,
      state: "dead",
      settledAt: now,
      lastError: "refused for good",
    });
    expect(await desk.find(isDone.key)).toMatchObject({
      ...known,
      state: "done",
      settledAt: now,
      outcome: "replied",
    });
    expect(await desk.find("webex:unheard-of")).toBeNull();
  });

  test("a job that was done after failures still shows the last one", async () => {
    const { inbox, desk } = await fresh();
    const job = await keepAs(inbox, waiting(0));
    await inbox.settle(await claimOne(inbox), DONE, {});
    expect(await desk.find(job.key)).toMatchObject({
      state: "done",
      outcome: "replied",
      lastError: "no answer",
    });
  });

  test("jobs are listed newest first, all or of one state, no more than asked for", async () => {
    const { inbox, desk } = await fresh();
    const dead = [await keepAs(inbox, DEAD), await keepAs(inbox, DEAD)];
    const done = await keepAs(inbox, DONE);
    const listed = async (state: "dead" | "working" | null, limit: number) =>
      keysOf(await desk.list({ state, limit }));
    expect(await listed(null, 10)).toEqual([done.key, dead[1]?.key, dead[0]?.key]);
    expect(await listed(null, 2)).toEqual([done.key, dead[1]?.key]);
    expect(await listed("dead", 10)).toEqual([dead[1]?.key, dead[0]?.key]);
    expect(await listed("working", 10)).toEqual([]);
  });

  test("a job behind another of its lane is shown as such until that one is settled", async () => {
    const { inbox, desk } = await fresh();
    const [first, second] = [aJob({ lane: "room-1" }), aJob({ lane: "room-1" })];
    await inbox.accept([first, second]);
    const isBehind = async () =>
      Promise.all([first, second].map(async ({ key }) => (await desk.find(key))?.isBehind));
    const inHand = await claimOne(inbox);
    expect(await isBehind()).toEqual([false, true]);
    await inbox.settle(inHand, DONE, {});
    expect(await isBehind()).toEqual([false, false]);
  });

  test("a job is shown with the server that has it in hand, for as long as one has", async () => {
    const { inbox, desk } = await fresh();
    const job = aJob();
    await inbox.accept([job]);
    const server = async () => (await desk.find(job.key))?.server;
    expect(await server()).toBeNull();
    const inHand = await claimOne(inbox, { owner: "machine-1" });
    expect(await server()).toBe("machine-1");
    expect(await desk.list({ state: "working", limit: 1 })).toMatchObject([{ server: "machine-1" }]);
    await inbox.settle(inHand, waiting(0), {});
    expect(await server()).toBeNull();
    await inbox.settle(await claimOne(inbox, { owner: "machine-2" }), DONE, {});
    expect(await server()).toBeNull();
  });

  describe("retrying", () => {
    test("starts a dead job again with its progress, but not as if never attempted", async () => {
      stopClock();
      const { inbox, desk } = await fresh();
      const job = await keepAs(inbox, DEAD);
      vi.advanceTimersByTime(60_000);
      expect(await desk.retry(job.key)).toBe(true);
      const now = Date.now();
      expect(await desk.find(job.key)).toMatchObject({ state: "waiting", attempts: 1, nextAttemptAt: now });
      expect(await nextDueInMs(inbox)).toBe(0);
      expect(await inbox.prune(-1, 10)).toBe(0);
      expect(await claimOne(inbox)).toMatchObject({
        ...job,
        attempts: 2,
        acceptedAt: now,
        progress: { joined: true },
      });
    });

    test("keeps when the job was accepted and all its attempts, and says when it was put back; its age begins anew", async () => {
      stopClock();
      const { inbox, desk } = await fresh();
      const acceptedAt = Date.now();
      const { key } = await keepAs(inbox, DEAD);
      expect(await desk.find(key)).toMatchObject({ acceptedAt, putBackAt: null, attempts: 1 });

      for (const times of [1, 2]) {
        vi.advanceTimersByTime(60_000);
        await desk.retry(key);
        const putBackAt = Date.now();
        expect(await desk.find(key)).toMatchObject({ acceptedAt, putBackAt, attempts: 2 * times - 1 });
        for (const settlement of [waiting(0), DEAD]) {
          const job = await claimOne(inbox);
          expect(job.acceptedAt).toBe(putBackAt);
          await inbox.settle(job, settlement, {});
        }
        const record = await desk.find(key);
        expect(record).toMatchObject({ acceptedAt, putBackAt, attempts: 2 * times + 1 });
        expect(record?.history).toHaveLength(2 * times + 1);
      }
      const [listed] = await desk.list({ state: "dead", limit: 1 });
      expect(listed).toEqual(await desk.find(key));
    });

    test("does nothing to a job that is not dead, or unknown", async () => {
      const { inbox, desk } = await fresh();
      const done = await keepAs(inbox, DONE);
      await inbox.accept([aJob({ key: "webex:waits" })]);
      for (const key of [done.key, "webex:waits", "webex:unheard-of"])
        expect(await desk.retry(key)).toBe(false);
      const inHand = await claimOne(inbox);
      expect(await desk.retry(inHand.key)).toBe(false);
      expect(await desk.countByState()).toEqual({ waiting: 0, working: 1, done: 1, dead: 0 });
    });

    test("keeps the lane to one job at a time while another is in hand", async () => {
      const { inbox, desk } = await fresh();
      const dead = await keepAs(inbox, DEAD, aJob({ lane: "room-1" }));
      await inbox.accept([aJob({ lane: "room-1" })]);
      const inHand = await claimOne(inbox);
      await desk.retry(dead.key);
      expect(await claimedKeys(inbox)).toEqual([]);
      await inbox.settle(inHand, DONE, {});
      expect(await claimedKeys(inbox)).toEqual([dead.key]);
    });

    test("can be done with all dead jobs, in order within a lane", async () => {
      const { inbox, desk } = await fresh();
      const [first, second] = [aJob({ lane: "room-1" }), aJob({ lane: "room-1" })];
      await keepAs(inbox, DEAD, first);
      await keepAs(inbox, DEAD, second);
      await keepAs(inbox, DONE);
      expect(await desk.retryAllDead()).toBe(2);
      const inHand = await claimOne(inbox);
      expect(inHand.key).toBe(first.key);
      await inbox.settle(inHand, DONE, {});
      expect(await claimedKeys(inbox)).toEqual([second.key]);
      expect(await desk.retryAllDead()).toBe(0);
    });
  });

  describe("dropping", () => {
    test("deletes a job, unless it is in hand, so that it is new when delivered again", async () => {
      const { inbox, desk } = await fresh();
      const job = await keepAs(inbox, DEAD);
      expect(await desk.drop(job.key)).toBe(true);
      expect(await desk.find(job.key)).toBeNull();
      expect(await desk.drop(job.key)).toBe(false);
      expect(await inbox.accept([job])).toBe(1);
      await claimOne(inbox);
      expect(await desk.drop(job.key)).toBe(false);
    });

    test("lets the next job of the lane be claimed", async () => {
      const { inbox, desk } = await fresh();
      const next = aJob({ lane: "room-1" });
      const stuck = await keepAs(inbox, waiting(60_000), aJob({ lane: "room-1" }));
      await inbox.accept([next]);
      expect(await claimedKeys(inbox)).toEqual([]);
      await desk.drop(stuck.key);
      expect(await claimedKeys(inbox)).toEqual([next.key]);
    });

    test("never lets two jobs of a lane be in hand", async () => {
      const { inbox, desk } = await fresh();
      const inLane = () => aJob({ lane: "room-1" });
      const dead = await keepAs(inbox, DEAD, inLane());
      await inbox.accept([inLane()]);
      await claimOne(inbox);
      await desk.retry(dead.key);
      const last = inLane();
      await inbox.accept([last]);
      await desk.drop(last.key);
      expect(await claimedKeys(inbox)).toEqual([]);
    });
  });
}
