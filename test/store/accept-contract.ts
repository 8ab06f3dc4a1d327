import { expect, test } from "vitest";
import { StoreError } from "../../src/errors.ts";
import type { Json, JsonObject } from "../../src/job.ts";
import type { Store } from "../../src/store/store.ts";
import { aJob } from "../support/jobs.ts";
import { claimedKeys, claimOne, DEAD, DONE } from "./in-hand.ts";

export function acceptContract(fresh: () => Promise<Store>): void {
  test("a job is kept as it was given, with nothing done yet", async () => {
    const { inbox } = await fresh();
    const before = Date.now();
    const job = aJob({
      payload: { text: 'pizza 🍕 "quoted" \u0000 ünï', list: [1, null, true], deep: { empty: {} } },
    });
    expect(await inbox.accept([job])).toBe(1);
    const kept = await claimOne(inbox);
    expect(kept).toEqual({
      ...job,
      attempts: 1,
      progress: {},
      acceptedAt: expect.any(Number),
      lease: expect.any(String),
    });
    expect(kept.acceptedAt).toBeGreaterThanOrEqual(before);
    expect(kept.acceptedAt).toBeLessThanOrEqual(Date.now());
  });

  test.each(["\u0000", "\ud800"])(
    "a job is new once and is done, although its key and lane have %j, which no database keeps as it is",
    async (character) => {
      const { inbox } = await fresh();
      const job = aJob({ key: `key ${character}`, lane: `lane ${character}` });
      expect([await inbox.accept([job]), await inbox.accept([job])]).toEqual([1, 0]);
      await inbox.settle(await claimOne(inbox), DONE, {});
      expect(await inbox.accept([job])).toBe(0);
    },
  );

  test("only new jobs are kept and counted, however often one is delivered", async () => {
    const { inbox } = await fresh();
    const [job, second, third] = [aJob(), aJob(), aJob()];
    expect(await inbox.accept([job, job])).toBe(1);
    expect(await inbox.accept([{ ...job, lane: "another", payload: { other: true } }])).toBe(0);
    expect(await inbox.accept([])).toBe(0);
    expect(await claimOne(inbox)).toMatchObject(job);
    expect(await inbox.accept([second, job, third])).toBe(2);
  });

  test("a job that an earlier release kept in the lane under its former key is not kept again", async () => {
    const { inbox } = await fresh();
    const kept = aJob();
    const renamed = { ...kept, key: `${kept.key} renamed`, formerKey: kept.key };
    await inbox.accept([kept]);
    expect(await inbox.accept([renamed])).toBe(0);
    await inbox.settle(await claimOne(inbox), DONE, {});
    expect(await inbox.accept([renamed])).toBe(0);
    expect(await claimedKeys(inbox)).toEqual([]);
  });

  test("a former key of another lane's job, or of none, does not matter", async () => {
    const { inbox } = await fresh();
    const [other, second] = [aJob(), aJob({ formerKey: "never-kept" })];
    await inbox.accept([other]);
    const first = aJob({ formerKey: other.key });
    expect(await inbox.accept([first, second])).toBe(2);
    expect(await inbox.accept([first, second])).toBe(0);
    expect(await claimedKeys(inbox)).toEqual([other.key, first.key, second.key]);
  });

  test("a job in hand, done or dead is not kept again", async () => {
    const { inbox } = await fresh();
    const job = aJob();
    for (const settlement of [DONE, DEAD]) {
      const again = { ...job, key: `${job.key} ${settlement.state}` };
      await inbox.accept([again]);
      const inHand = await claimOne(inbox);
      expect(await inbox.accept([again])).toBe(0);
      await inbox.settle(inHand, settlement, {});
      expect(await inbox.accept([again])).toBe(0);
      expect(await claimedKeys(inbox)).toEqual([]);
    }
  });

  test("many jobs delivered at once are all kept in order, each once", async () => {
    const { inbox } = await fresh();
    const jobs = Array.from({ length: 200 }, () => aJob());
    const added = await Promise.all([...jobs, ...jobs].map((job) => inbox.accept([job])));
    expect(added).toEqual([...jobs.map(() => 1), ...jobs.map(() => 0)]);
    expect(await claimedKeys(inbox, { limit: 1000 })).toEqual(jobs.map(({ key }) => key));
  });

  test("if one of several jobs cannot be kept, none is", async () => {
    const { inbox, desk } = await fresh();
    const impossible: { [name: string]: Json } = {};
    impossible.itself = impossible satisfies JsonObject;
    await expect(inbox.accept([aJob(), aJob({ payload: impossible }), aJob()])).rejects.toThrow(StoreError);
    expect((await desk.countByState()).waiting).toBe(0);
    expect(await inbox.accept([aJob()])).toBe(1);
  });
}
