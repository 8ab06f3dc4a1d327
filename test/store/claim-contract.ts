import { describe, expect, test, vi } from "vitest";
import type { Store } from "../../src/store/store.ts";
import { stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { claim, claimedKeys, claimOne, DEAD, DONE, keysOf, waiting } from "./in-hand.ts";

export function claimContract(fresh: () => Promise<Store>): void {
  test("jobs come in the order they were accepted, no more than asked for", async () => {
    const { inbox } = await fresh();
    const jobs = [aJob(), aJob(), aJob()];
    await inbox.accept(jobs);
    expect(await claimedKeys(inbox, { limit: 2 })).toEqual(keysOf(jobs.slice(0, 2)));
    expect(await claimedKeys(inbox, { limit: 2 })).toEqual(keysOf(jobs.slice(2)));
    expect(await claimedKeys(inbox, { limit: 2 })).toEqual([]);
  });

  test("what has been due longest comes first", async () => {
    stopClock();
    const { inbox } = await fresh();
    const [retried, later] = [aJob(), aJob()];
    await inbox.accept([retried]);
    await inbox.settle(await claimOne(inbox), waiting(2000), {});
    vi.advanceTimersByTime(1000);
    await inbox.accept([later]);
    vi.advanceTimersByTime(5000);
    expect(await claimedKeys(inbox, { limit: 1 })).toEqual([later.key]);
    expect(await claimedKeys(inbox, { limit: 1 })).toEqual([retried.key]);
  });

  test("what has been due longest comes first within one claim, too", async () => {
    stopClock();
    const { inbox } = await fresh();
    const [retried, later] = [aJob(), aJob()];
    await inbox.accept([retried]);
    await inbox.settle(await claimOne(inbox), waiting(2000), {});
    vi.advanceTimersByTime(1000);
    await inbox.accept([later]);
    vi.advanceTimersByTime(5000);
    expect(await claimedKeys(inbox)).toEqual([later.key, retried.key]);
  });

  test("a job whose lease ran out is not put off for ever by newer ones", async () => {
    stopClock();
    const { inbox } = await fresh();
    const left = aJob();
    await inbox.accept([left]);
    await claimOne(inbox, { leaseMs: 1000 });
    vi.advanceTimersByTime(5000);
    await inbox.accept([aJob(), aJob()]);
    expect(await claimedKeys(inbox, { limit: 1 })).toEqual([left.key]);
  });

  test("a job that waits for its next attempt comes when that is due, not before", async () => {
    stopClock();
    const { inbox } = await fresh();
    await inbox.accept([aJob()]);
    await inbox.settle(await claimOne(inbox), waiting(5000), {});
    vi.advanceTimersByTime(4999);
    expect(await claimedKeys(inbox)).toEqual([]);
    vi.advanceTimersByTime(1);
    expect((await claimOne(inbox)).attempts).toBe(2);
  });

  test("two who claim at once never get the same job", async () => {
    const { inbox } = await fresh();
    const jobs = Array.from({ length: 10 }, () => aJob());
    await inbox.accept(jobs);
    const hands = await Promise.all([claim(inbox, { limit: 6 }), claim(inbox, { limit: 6 })]);
    expect(keysOf(hands.flat())).toEqual(keysOf(jobs));
  });

  test("jobs of a quota that is held back are passed over, and come later", async () => {
    const { inbox } = await fresh();
    const [held, other, free] = [aJob({ quota: "held" }), aJob({ quota: "other" }), aJob({ quota: "free" })];
    await inbox.accept([held, other, free]);
    expect(await claimedKeys(inbox, { exceptQuotas: ["held", "other"] })).toEqual([free.key]);
    expect(await claimedKeys(inbox)).toEqual([held.key, other.key]);
  });

  test("jobs of a quota that is held back take no room from others", async () => {
    const { inbox } = await fresh();
    const free = aJob({ quota: "free" });
    await inbox.accept([...Array.from({ length: 10 }, () => aJob({ quota: "held" })), free]);
    expect(await claimedKeys(inbox, { limit: 1, exceptQuotas: ["held"] })).toEqual([free.key]);
  });

  test("a job whose lease ran out is passed over, too, while its quota is held back", async () => {
    stopClock();
    const { inbox } = await fresh();
    await inbox.accept([aJob({ quota: "held" })]);
    await claimOne(inbox, { leaseMs: 1000 });
    vi.advanceTimersByTime(2000);
    expect(await claimedKeys(inbox, { exceptQuotas: ["held"] })).toEqual([]);
    await claimOne(inbox);
  });

  describe("within a lane", () => {
    const inLane = (lane = "room-1") => aJob({ lane });

    test("one job is in hand at a time, in the order they were accepted", async () => {
      const { inbox } = await fresh();
      const jobs = [inLane(), inLane(), inLane()];
      await inbox.accept(jobs.slice(0, 2));
      await inbox.accept(jobs.slice(2));
      for (const { key } of jobs) {
        const inHand = await claimOne(inbox);
        expect(inHand.key).toBe(key);
        expect(await claimedKeys(inbox)).toEqual([]);
        await inbox.settle(inHand, DONE, {});
      }
    });

    test("a job accepted while another is in hand waits for it", async () => {
      const { inbox } = await fresh();
      await inbox.accept([inLane()]);
      const inHand = await claimOne(inbox);
      const second = inLane();
      await inbox.accept([second]);
      expect(await claimedKeys(inbox)).toEqual([]);
      await inbox.settle(inHand, DONE, {});
      expect(await claimedKeys(inbox)).toEqual([second.key]);
    });

    test("the order stays while the first waits for its next attempt", async () => {
      stopClock();
      const { inbox } = await fresh();
      const [first, second] = [inLane(), inLane()];
      await inbox.accept([first, second]);
      await inbox.settle(await claimOne(inbox), waiting(5000), {});
      expect(await claimedKeys(inbox)).toEqual([]);
      vi.advanceTimersByTime(5000);
      const retried = await claimOne(inbox);
      expect(retried.key).toBe(first.key);
      await inbox.settle(retried, DONE, {});
      expect(await claimedKeys(inbox)).toEqual([second.key]);
    });

    test("a dead job does not stand in the way", async () => {
      const { inbox } = await fresh();
      const next = inLane();
      await inbox.accept([inLane(), next]);
      await inbox.settle(await claimOne(inbox), DEAD, {});
      expect(await claimedKeys(inbox)).toEqual([next.key]);
    });

    test("a repeated delivery of the job in hand lets nothing overtake it", async () => {
      const { inbox } = await fresh();
      const [first, second] = [inLane(), inLane()];
      await inbox.accept([first, second]);
      await claimOne(inbox);
      await inbox.accept([first, second]);
      expect(await claimedKeys(inbox)).toEqual([]);
    });

    test("other lanes do not wait", async () => {
      const { inbox } = await fresh();
      const [one, other] = [inLane("room-1"), inLane("room-2")];
      await inbox.accept([one, inLane("room-1"), other, inLane("room-2")]);
      expect(await claimedKeys(inbox)).toEqual([one.key, other.key]);
    });
  });
}
