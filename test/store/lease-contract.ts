import { expect, test, vi } from "vitest";
import { LeaseLost } from "../../src/errors.ts";
import type { Store } from "../../src/store/store.ts";
import { stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { claim, claimedKeys, claimOne, DONE, keysOf, waiting } from "./in-hand.ts";

export function leaseContract(fresh: () => Promise<Store>): void {
  test("nobody else can claim a job in hand until its lease has expired; its progress is kept", async () => {
    stopClock();
    const { inbox } = await fresh();
    await inbox.accept([aJob()]);
    await inbox.saveProgress(await claimOne(inbox, { leaseMs: 1000 }), { joined: true, sent: "event-1" });
    vi.advanceTimersByTime(999);
    expect(await claimedKeys(inbox)).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(await claimOne(inbox)).toMatchObject({ attempts: 2, progress: { joined: true, sent: "event-1" } });
  });

  test("whoever has a job in hand never gets it again, even long after the lease has expired", async () => {
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

  test("a job that waits for a time far ahead, since the clock was set back, is due now", async () => {
    stopClock();
    const { inbox } = await fresh();
    const [waits, isNew] = [aJob(), aJob()];
    await inbox.accept([waits]);
    await inbox.settle(await claimOne(inbox), waiting(30_000), {});
    await inbox.accept([isNew]);
    vi.setSystemTime(Date.now() - 7_200_000);
    expect((await claimedKeys(inbox)).sort()).toEqual([waits.key, isNew.key].sort());
  });

  test("whoever has lost a lease can no longer save or settle, and changes nothing by trying", async () => {
    stopClock();
    const { inbox, desk } = await fresh();
    await inbox.accept([aJob()]);
    const late = await claimOne(inbox, { leaseMs: 1000 });
    vi.advanceTimersByTime(1000);
    const current = await claimOne(inbox);
    await inbox.saveProgress(current, { joined: true });
    await expect(inbox.saveProgress(late, { late: true })).rejects.toThrow(LeaseLost);
    await expect(inbox.settle(late, DONE, { late: true })).rejects.toThrow(LeaseLost);
    expect(await desk.countByState()).toMatchObject({ working: 1, done: 0 });
    await inbox.settle(current, waiting(0), { joined: true });
    expect(await claimOne(inbox)).toMatchObject({ attempts: 3, progress: { joined: true } });
  });

  test("a lane stays one at a time after a lease has expired", async () => {
    stopClock();
    const { inbox } = await fresh();
    const jobs = [aJob({ lane: "room-1" }), aJob({ lane: "room-1" })];
    await inbox.accept(jobs);
    await claimOne(inbox, { leaseMs: 1000 });
    vi.advanceTimersByTime(1000);
    expect(await claimedKeys(inbox)).toEqual([jobs[0]?.key]);
  });

  test("a released job can be claimed at once, with its progress and count of attempts", async () => {
    const { inbox, desk } = await fresh();
    await inbox.accept([aJob()]);
    const inHand = await claimOne(inbox, { owner: "server-1" });
    await inbox.saveProgress(inHand, { joined: true });
    expect(await inbox.releaseAll("server-1")).toBe(1);
    expect(await desk.countByState()).toMatchObject({ waiting: 1, working: 0 });
    expect(await claimOne(inbox)).toMatchObject({ attempts: 2, progress: { joined: true } });
    await expect(inbox.settle(inHand, DONE, {})).rejects.toThrow(LeaseLost);
  });

  test("a new process makes everything in hand wait again, at once", async () => {
    const { inbox } = await fresh();
    const jobs = [aJob(), aJob(), aJob()];
    await inbox.accept(jobs);
    const [first, second] = await claim(inbox, { limit: 2, leaseMs: 600_000 });
    if (!first || !second) throw new Error("two jobs were due");
    await inbox.saveProgress(first, { joined: true });
    expect(await inbox.recover()).toBe(2);
    await expect(inbox.saveProgress(first, {})).rejects.toThrow(LeaseLost);
    await expect(inbox.settle(second, DONE, {})).rejects.toThrow(LeaseLost);
    const again = await claim(inbox);
    expect(keysOf(again).sort()).toEqual(keysOf(jobs).sort());
    expect(again.find(({ key }) => key === first.key)).toMatchObject({
      attempts: 2,
      progress: { joined: true },
    });
    expect(again.find(({ key }) => key === jobs[2]?.key)?.attempts).toBe(1);
  });

  test("a process that stops releases its own jobs, and no others", async () => {
    const { inbox, desk } = await fresh();
    await inbox.accept([aJob(), aJob(), aJob()]);
    const ours = await claim(inbox, { owner: "server-1", limit: 2 });
    await claim(inbox, { owner: "server-2" });
    expect(await inbox.releaseAll("server-1")).toBe(2);
    expect(await inbox.releaseAll("server-1")).toBe(0);
    expect(await desk.countByState()).toMatchObject({ waiting: 2, working: 1 });
    expect((await claimedKeys(inbox, { owner: "server-2" })).sort()).toEqual(keysOf(ours).sort());
  });

  test("recovering changes no job that waits or is settled", async () => {
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
