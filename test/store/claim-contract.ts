import { describe, expect, test, vi } from "vitest";
import type { Store } from "../../src/store/store.ts";
import { stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { claim, claimedKeys, claimOne, DEAD, DONE, except, keysOf, waiting } from "./in-hand.ts";

export function claimContract(fresh: () => Promise<Store>): void {
  test("jobs come in the order in which they were accepted, no more than asked for", async () => {
    const { inbox } = await fresh();
    const jobs = [aJob(), aJob(), aJob()];
    await inbox.accept(jobs);
    expect(await claimedKeys(inbox, { limit: 2 })).toEqual(keysOf(jobs.slice(0, 2)));
    expect(await claimedKeys(inbox, { limit: 2 })).toEqual(keysOf(jobs.slice(2)));
    expect(await claimedKeys(inbox, { limit: 2 })).toEqual([]);
  });

  test.each([1, 2])("the job that has been due longest comes first, with %d to a claim", async (limit) => {
    stopClock();
    const { inbox } = await fresh();
    const [retried, later] = [aJob(), aJob()];
    await inbox.accept([retried]);
    await inbox.settle(await claimOne(inbox), waiting(2000), {});
    vi.advanceTimersByTime(1000);
    await inbox.accept([later]);
    vi.advanceTimersByTime(5000);
    const keys = [...(await claimedKeys(inbox, { limit })), ...(await claimedKeys(inbox, { limit }))];
    expect(keys).toEqual([later.key, retried.key]);
  });

  test("a job whose lease has expired is not delayed for ever by newer ones", async () => {
    stopClock();
    const { inbox } = await fresh();
    const left = aJob();
    await inbox.accept([left]);
    await claimOne(inbox, { leaseMs: 1000 });
    vi.advanceTimersByTime(5000);
    await inbox.accept([aJob(), aJob()]);
    expect(await claimedKeys(inbox, { limit: 1 })).toEqual([left.key]);
  });

  test("a job comes when its next attempt is due, not before", async () => {
    stopClock();
    const { inbox } = await fresh();
    await inbox.accept([aJob()]);
    await inbox.settle(await claimOne(inbox), waiting(60_000), {});
    vi.advanceTimersByTime(59_999);
    expect(await claimedKeys(inbox)).toEqual([]);
    vi.advanceTimersByTime(1);
    expect((await claimOne(inbox)).attempts).toBe(2);
  });

  test("two claims at once never get the same job", async () => {
    const { inbox } = await fresh();
    const jobs = Array.from({ length: 10 }, () => aJob());
    await inbox.accept(jobs);
    const hands = await Promise.all([claim(inbox, { limit: 6 }), claim(inbox, { limit: 6 })]);
    expect(keysOf(hands.flat()).toSorted()).toEqual(keysOf(jobs).toSorted());
  });

  test("jobs of a quota without room are skipped, take no place from others, and come later", async () => {
    const { inbox } = await fresh();
    const held = Array.from({ length: 10 }, () => aJob({ quota: "held" }));
    const [other, free] = [aJob({ quota: "other" }), aJob({ quota: "free" })];
    await inbox.accept([...held, other, free]);
    expect(await claimedKeys(inbox, { limit: 1, ...except("held", "other") })).toEqual([free.key]);
    expect((await claimedKeys(inbox)).toSorted()).toEqual([...keysOf(held), other.key].toSorted());
  });

  test("a job whose lease has expired is skipped, too, while its quota has no room", async () => {
    stopClock();
    const { inbox } = await fresh();
    await inbox.accept([aJob({ quota: "held" })]);
    await claimOne(inbox, { leaseMs: 1000 });
    vi.advanceTimersByTime(2000);
    expect(await claimedKeys(inbox, except("held"))).toEqual([]);
    await claimOne(inbox);
  });

  describe("between quotas", () => {
    const ofQuota = (quota: string, count: number) => Array.from({ length: count }, () => aJob({ quota }));

    test("they take turns: a new one does not wait for another's backlog", async () => {
      const { inbox } = await fresh();
      await inbox.accept(ofQuota("busy", 100));
      const [late] = ofQuota("late", 1);
      await inbox.accept(late ? [late] : []);
      expect(await claimedKeys(inbox, { limit: 2 })).toContain(late?.key);
    });

    test("each gets the same share over several claims, however small", async () => {
      const { inbox } = await fresh();
      for (const quota of ["a", "b", "c"]) await inbox.accept(ofQuota(quota, 20));
      const owner = "server-1";
      const quotas: string[] = [];
      for (let n = 0; n < 15; n += 1) {
        for (const job of await claim(inbox, { owner, limit: 2 })) quotas.push(job.quota);
      }
      for (const quota of ["a", "b", "c"]) {
        const count = quotas.filter((one) => one === quota).length;
        expect(count, quota).toBeGreaterThanOrEqual(9);
        expect(count, quota).toBeLessThanOrEqual(11);
      }
    });

    test("a share that one does not use goes to the others", async () => {
      const { inbox } = await fresh();
      await inbox.accept([...ofQuota("little", 1), ...ofQuota("much", 20)]);
      expect(await claimedKeys(inbox, { limit: 10 })).toHaveLength(10);
    });

    test("platforms share the same way", async () => {
      const { inbox } = await fresh();
      const chats = Array.from({ length: 30 }, (_, n) => aJob({ platform: "chatio", quota: `chatio:${n}` }));
      await inbox.accept([...chats, ...ofQuota("webex", 30)]);
      const platforms = (await claim(inbox, { limit: 10 })).map(({ platform }) => platform);
      expect(platforms.filter((platform) => platform === "webex")).toHaveLength(5);
      const rest = await claim(inbox, { limit: 10, platforms: [{ name: "webex", most: 3 }] });
      expect(rest.map(({ platform }) => platform)).toEqual(["webex", "webex", "webex"]);
    });

    test("many quotas without room do not block those after them", async () => {
      const { inbox } = await fresh();
      for (let n = 0; n < 200; n += 1) await inbox.accept(ofQuota(`full-${n}`, 1));
      const [free] = ofQuota("free", 1);
      await inbox.accept(free ? [free] : []);
      const roomFor = (_platform: string, quota: string) => (quota === "free" ? 1 : 0);
      expect(await claimedKeys(inbox, { limit: 4, roomFor })).toEqual([free?.key]);
    });

    test("a held one has no turn until the hold ends, and its room is not asked for", async () => {
      stopClock();
      const { inbox, holds } = await fresh();
      await inbox.accept(ofQuota("held", 3));
      await holds.hold("held", "asked", 60_000);
      await inbox.accept(ofQuota("held", 3));
      const roomFor = vi.fn(() => 100);
      expect(await claimedKeys(inbox, { roomFor })).toEqual([]);
      expect(roomFor).not.toHaveBeenCalled();
      vi.advanceTimersByTime(60_000);
      expect(await claimedKeys(inbox)).toHaveLength(6);
    });

    test("one has its turn as soon as all its holds are lifted", async () => {
      const { inbox, holds } = await fresh();
      await inbox.accept(ofQuota("both", 1));
      await holds.hold("both", "asked", 60_000);
      await holds.hold("both", "failing", 1000);
      await holds.lift("both", "failing");
      expect(await claimedKeys(inbox)).toEqual([]);
      expect(await holds.list()).toMatchObject([{ quota: "both", reason: "asked", pauseMs: 60_000 }]);
      expect(await holds.askedMs("both")).toBeGreaterThan(50_000);
      expect(await holds.askedMs("another")).toBeNull();
      await holds.lift("both", "asked");
      expect(await claimedKeys(inbox)).toHaveLength(1);
    });
  });

  describe("within a lane", () => {
    const inLane = (lane = "room-1") => aJob({ lane });

    test("one job is in hand at a time, in the order of acceptance, whatever is delivered meanwhile", async () => {
      const { inbox } = await fresh();
      const jobs = [inLane(), inLane(), inLane()];
      await inbox.accept(jobs.slice(0, 2));
      for (const { key } of jobs) {
        const inHand = await claimOne(inbox);
        expect(inHand.key).toBe(key);
        await inbox.accept(jobs);
        expect(await claimedKeys(inbox)).toEqual([]);
        await inbox.settle(inHand, DONE, {});
      }
    });

    test("the order stays while the first job waits for its next attempt", async () => {
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

    test("a dead job blocks nothing", async () => {
      const { inbox } = await fresh();
      const next = inLane();
      await inbox.accept([inLane(), next]);
      await inbox.settle(await claimOne(inbox), DEAD, {});
      expect(await claimedKeys(inbox)).toEqual([next.key]);
    });

    test("other lanes do not wait", async () => {
      const { inbox } = await fresh();
      const [one, other] = [inLane("room-1"), inLane("room-2")];
      await inbox.accept([one, inLane("room-1"), other, inLane("room-2")]);
      expect(await claimedKeys(inbox)).toEqual([one.key, other.key]);
    });
  });
}
