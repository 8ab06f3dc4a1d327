import { expect, test, vi } from "vitest";
import { LeaseLost } from "../../src/errors.ts";
import type { Store } from "../../src/store/store.ts";
import { stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { aClaim, claim, claimedKeys, claimOne, DONE, keysOf, waiting } from "./in-hand.ts";

export function leaseContract(fresh: () => Promise<Store>): void {
  test("a job in hand is nobody else's until its lease has run out", async () => {
    stopClock();
    const { inbox } = await fresh();
    await inbox.accept([aJob()]);
    await claimOne(inbox, { leaseMs: 1000 });
    vi.advanceTimersByTime(999);
    expect(await claimedKeys(inbox)).toEqual([]);
    vi.advanceTimersByTime(1);
    expect((await claimOne(inbox)).attempts).toBe(2);
  });

  test("who has a job in hand never gets it a second time, however long ago the lease ran out", async () => {
    stopClock();
    const { inbox, desk } = await fresh();
    await inbox.accept([aJob(), aJob()]);
    const inHand = await claim(inbox, { owner: "server-1", leaseMs: 1000 });
    vi.advanceTimersByTime(3_600_000);
    expect(await claimedKeys(inbox, { owner: "server-1" })).toEqual([]);
    // What it has done counts.
    for (const job of inHand) await inbox.settle(job, DONE, {});
    expect(await desk.countByState()).toMatchObject({ done: 2 });
  });

  test("what waits for the time of a clock that was set back since is due now", async () => {
    stopClock();
    const { inbox } = await fresh();
    const [waits, isNew] = [aJob(), aJob()];
    await inbox.accept([waits]);
    await inbox.settle(await claimOne(inbox), waiting(30_000), {});
    await inbox.accept([isNew]);
    vi.setSystemTime(Date.now() - 7_200_000);
    expect((await claimedKeys(inbox)).sort()).toEqual([waits.key, isNew.key].sort());
  });

  test("what waits for a minute still does", async () => {
    stopClock();
    const { inbox } = await fresh();
    await inbox.accept([aJob()]);
    await inbox.settle(await claimOne(inbox), waiting(60_000), {});
    expect(await claimedKeys(inbox)).toEqual([]);
  });

  test("who let a lease run out can no longer save or settle, and changes nothing by trying", async () => {
    stopClock();
    const { inbox, desk } = await fresh();
    await inbox.accept([aJob()]);
    const late = await claimOne(inbox, { leaseMs: 1000 });
    vi.advanceTimersByTime(1000);
    const current = await claimOne(inbox);
    await inbox.saveProgress(current, { joined: true });
    await expect(inbox.saveProgress(late, { late: true })).rejects.toThrow(LeaseLost);
    await expect(inbox.settle(late, DONE, { late: true })).rejects.toThrow(LeaseLost);
    await inbox.release(late);
    expect(await desk.countByState()).toMatchObject({ working: 1, done: 0 });
    await inbox.settle(current, waiting(0), { joined: true });
    expect(await claimOne(inbox)).toMatchObject({ attempts: 3, progress: { joined: true } });
  });

  test("a lane stays one at a time when a lease has run out", async () => {
    stopClock();
    const { inbox } = await fresh();
    const jobs = [aJob({ lane: "room-1" }), aJob({ lane: "room-1" })];
    await inbox.accept(jobs);
    await claimOne(inbox, { leaseMs: 1000 });
    vi.advanceTimersByTime(1000);
    expect(await claimedKeys(inbox)).toEqual([jobs[0]?.key]);
  });

  test("the progress saved under a lost lease is given to the next attempt", async () => {
    stopClock();
    const { inbox } = await fresh();
    await inbox.accept([aJob()]);
    await inbox.saveProgress(await claimOne(inbox, { leaseMs: 1000 }), { joined: true, sent: "event-1" });
    vi.advanceTimersByTime(1000);
    expect((await claimOne(inbox)).progress).toEqual({ joined: true, sent: "event-1" });
  });

  test("a job given back can be claimed at once, its progress stays, and so does the count of attempts", async () => {
    const { inbox, desk } = await fresh();
    await inbox.accept([aJob()]);
    const inHand = await claimOne(inbox);
    await inbox.saveProgress(inHand, { joined: true });
    await inbox.release(inHand);
    expect(await desk.countByState()).toMatchObject({ waiting: 1, working: 0 });
    expect(await claimOne(inbox)).toMatchObject({ attempts: 2, progress: { joined: true } });
    await expect(inbox.settle(inHand, DONE, {})).rejects.toThrow(LeaseLost);
  });

  test("giving back a job that is settled already changes nothing", async () => {
    const { inbox, desk } = await fresh();
    await inbox.accept([aJob()]);
    const inHand = await claimOne(inbox);
    await inbox.settle(inHand, DONE, {});
    await inbox.release(inHand);
    expect(await desk.countByState()).toMatchObject({ waiting: 0, done: 1 });
  });

  test("a new process takes back everything that was in hand, at once", async () => {
    const { inbox } = await fresh();
    const jobs = [aJob(), aJob(), aJob()];
    await inbox.accept(jobs);
    const [first, second] = await inbox.claim(aClaim({ owner: "worker-1", limit: 2, leaseMs: 600_000 }));
    if (!first || !second) throw new Error("two jobs were due");
    await inbox.saveProgress(first, { joined: true });
    expect(await inbox.recover()).toBe(2);
    await expect(inbox.saveProgress(first, {})).rejects.toThrow(LeaseLost);
    await expect(inbox.settle(second, DONE, {})).rejects.toThrow(LeaseLost);
    const again = await inbox.claim(aClaim({ owner: "worker-1", limit: 100, leaseMs: 600_000 }));
    expect(keysOf(again).sort()).toEqual(keysOf(jobs).sort());
    expect(again.find(({ key }) => key === first.key)).toMatchObject({
      attempts: 2,
      progress: { joined: true },
    });
    expect(again.find(({ key }) => key === jobs[2]?.key)?.attempts).toBe(1);
  });

  test("who stops gives back what it has in hand, and leaves alone what another has", async () => {
    const { inbox, desk } = await fresh();
    await inbox.accept([aJob(), aJob(), aJob()]);
    const ours = await claim(inbox, { owner: "server-1", limit: 2 });
    await claim(inbox, { owner: "server-2" });
    expect(await inbox.releaseAll("server-1")).toBe(2);
    expect(await inbox.releaseAll("server-1")).toBe(0);
    expect(await desk.countByState()).toMatchObject({ waiting: 2, working: 1 });
    expect((await claimedKeys(inbox, { owner: "server-2" })).sort()).toEqual(keysOf(ours).sort());
  });

  test("taking back leaves alone what waits or is settled", async () => {
    stopClock();
    const { inbox, desk } = await fresh();
    await inbox.accept([aJob()]);
    await inbox.settle(await claimOne(inbox), waiting(5000), {});
    await inbox.accept([aJob()]);
    await inbox.settle(await claimOne(inbox), DONE, {});
    expect(await inbox.recover()).toBe(0);
    expect(await claimedKeys(inbox)).toEqual([]);
    expect(await desk.countByState()).toEqual({ waiting: 1, working: 0, done: 1, dead: 0 });
  });
}
