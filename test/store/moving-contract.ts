import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { JobRecord, Store } from "../../src/store/store.ts";
import { ANY_CHARACTER } from "../support/any-character.ts";
import { stopClock } from "../support/clock.ts";
import { aJob, anInstallation } from "../support/jobs.ts";
import { type Interference, type Kind, moveAll } from "../support/moving.ts";
import { claim, claimedKeys, claimOne, DEAD, DONE, keysOf, waiting } from "./in-hand.ts";

const SECRET = "client-secret-invented";
const ODD = 'pizza 🍕 "quoted" \\u0000 \u0000 ␀ ünï \ud800 \u2028 \\ \'';
const CALLS = { last: [{ name: "send_event", ms: 12, status: 200 }], before: 3 };

export function movingContract(from: Kind, to: Kind): void {
  async function twoPlaces() {
    return [
      { kind: from, place: await from.newPlace() },
      { kind: to, place: await to.newPlace() },
    ] as const;
  }

  /** Two places; in the first there is something of everything. */
  async function filled() {
    stopClock();
    const [source, target] = await twoPlaces();
    const store = await from.open(source.place, SECRET);
    await fill(store);
    return { source, target, before: await contentOf(store), store };
  }

  test("all jobs, installations and pauses are there, with the same content and in the same order", async () => {
    const { source, target, before } = await filled();
    const report = await moveAll(source, target);
    const after = await contentOf(await to.open(target.place, SECRET));
    expect(after).toEqual({ ...before, jobs: before.jobs.map(asWaiting).map(asKept(to)) });
    expect(report).toMatchObject({
      wasDone: false,
      wereThere: 0,
      sums: { jobs: { waiting: 7, done: 1, dead: 1 }, installations: 3, holds: 2 },
    });
  });

  test("counts, turns and due installations are right there, and the waiting jobs are done in order", async () => {
    const { source, target } = await filled();
    await moveAll(source, target);
    const { inbox, desk, holds, installations } = await to.open(target.place, SECRET);
    expect(await desk.countByState()).toEqual({ waiting: 7, working: 0, done: 1, dead: 1 });
    expect(await desk.countByState("chatio")).toEqual({ waiting: 2, working: 0, done: 0, dead: 1 });
    const chatio = installations.of("chatio");
    expect(await chatio.countByState()).toEqual({ ok: 1, needs_reinstall: 1, unreadable: 0 });
    expect((await chatio.due({ after: null, limit: 9, clockToleranceMs: 60_000 })).length).toBe(1);
    expect(await chatio.findByLookup("lookup-1520")).toMatchObject({ account: "1520" });

    const done: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      for (const job of await claim(inbox, { limit: 100 })) {
        done.push(job.key);
        await inbox.settle(job, DONE, job.progress);
      }
    }
    // What is held, or was postponed, waits.
    expect(done).toEqual([expect.stringContaining("odd"), "in hand", "lane-1", "lane-2", "lane-3"]);
    expect(await holds.askedMs("chatio:1520")).toBe(60_000);
    vi.advanceTimersByTime(60_000);
    expect(await claimedKeys(inbox)).toEqual(expect.arrayContaining(["held", "postponed"]));
  });

  test("a delivery that is repeated there is a duplicate, a new one comes last, and so does a dead job that is put back", async () => {
    const { source, target, before } = await filled();
    await moveAll(source, target);
    const { inbox, desk } = await to.open(target.place, SECRET);
    expect(await inbox.accept(before.jobs.map(({ key }) => aJob({ key })))).toBe(0);
    expect(await inbox.accept([aJob({ key: "new", lane: "webex:lane" })])).toBe(1);
    expect(await desk.retry("dead")).toBe(true);
    expect(keysOf(await desk.list({ state: null, limit: 2 }))).toEqual(["dead", "new"]);
    expect(await desk.find("new")).toMatchObject({ isBehind: true });
  });

  test("a job that was put back keeps when it was accepted at first, and its attempts", async () => {
    const { source, target, store } = await filled();
    vi.advanceTimersByTime(1000);
    expect(await store.desk.retry("dead")).toBe(true);
    const before = await store.desk.find("dead");
    expect(before?.putBackAt).not.toBeNull();
    await moveAll(source, target);
    const { desk } = await to.open(target.place, SECRET);
    expect(await desk.find("dead")).toEqual({ ...before, position: expect.any(String) });
  });

  test("where every job is settled, the next one gets a number of its own, and can be settled", async () => {
    const [source, target] = await twoPlaces();
    const { inbox } = await from.open(source.place);
    // So many that a database does not get past their numbers by trying again.
    await inbox.accept(Array.from({ length: 80 }, () => aJob()));
    for (const job of await claim(inbox)) await inbox.settle(job, DONE, {});
    await moveAll(source, target);
    const there = await to.open(target.place);
    await there.inbox.accept([aJob({ key: "next" })]);
    await there.inbox.settle(await claimOne(there.inbox), DONE, {});
    expect(keysOf(await there.desk.list({ state: null, limit: 1 }))).toEqual(["next"]);
    expect(await there.desk.countByState()).toMatchObject({ done: 81 });
  });

  test("whatever characters keys, lanes and texts have, they move, and the keys are known", async () => {
    const [source, target] = await twoPlaces();
    // A file that was PostgreSQL before does not know U+0000 again.
    const unit = ANY_CHARACTER.filter((character) => character !== "\u0000");
    const text = fc.string({ unit, maxLength: 20 });
    const given = fc.sample(fc.record({ key: text, lane: text, said: text }), { numRuns: 300, seed: 7 });
    const jobs = given.map(({ said, ...names }) => aJob({ ...names, payload: { [said]: [said] } }));
    const store = await from.open(source.place);
    const kept = await store.inbox.accept(jobs);
    await moveAll(source, target);
    const { inbox, desk } = await to.open(target.place);
    expect(await desk.countByState()).toMatchObject({ waiting: kept });
    expect(await inbox.accept(jobs)).toBe(0);
    const payloads = async ({ desk: one }: Store) =>
      (await one.list({ state: null, limit: 1000 })).map(({ payload }) => payload);
    expect(await payloads({ ...store, desk })).toEqual(await payloads(store));
  });

  describe("a move that is interrupted", () => {
    const KILLED = "killed";
    const die = () => Promise.reject(new Error(KILLED));
    const cases: [string, Interference][] = [
      ["before the first row", { target: () => ({ addJobs: die }) }],
      ["between jobs and installations", { target: () => ({ addInstallations: die }) }],
      ["before the pauses", { target: () => ({ addHolds: die }) }],
      ["before the source is marked", { source: () => ({ leave: die }) }],
      ["before the target is complete", { target: () => ({ finish: die }) }],
    ];

    test.each(cases)("%s keeps servers from the target, and goes on", async (_when, interference) => {
      const { source, target, before, store } = await filled();
      await expect(moveAll(source, target, interference)).rejects.toThrow(KILLED);
      await expect(to.openServer(target.place)).rejects.toThrow("is being moved to");
      await expect(to.open(target.place)).rejects.toThrow("is being moved to");
      expect((await contentOf(store)).jobs).toEqual(before.jobs);

      expect(await moveAll(source, target)).toMatchObject({ wasDone: false });
      const after = await contentOf(await to.open(target.place, SECRET));
      expect(after).toEqual({ ...before, jobs: before.jobs.map(asWaiting).map(asKept(to)) });
      expect(await moveAll(source, target)).toEqual({ wasDone: true });
    });

    test("in the middle of the jobs goes on with those that are missing", async () => {
      const [source, target] = await twoPlaces();
      const store = await from.open(source.place);
      const lanes = Array.from({ length: 2500 }, (_, n) =>
        aJob({ key: `job-${n}`, lane: `lane-${n % 700}` }),
      );
      await store.inbox.accept(lanes);
      let calls = 0;
      const interference: Interference = {
        target: ({ addJobs }) => ({
          addJobs(jobs) {
            calls += 1;
            return calls === 2 ? die() : addJobs(jobs);
          },
        }),
      };
      await expect(moveAll(source, target, interference)).rejects.toThrow(KILLED);
      expect(await moveAll(source, target)).toMatchObject({
        wereThere: 1000,
        sums: { jobs: { waiting: 2500 } },
      });
      const { inbox, desk } = await to.open(target.place);
      expect(await desk.countByState()).toMatchObject({ waiting: 2500 });
      const claimed = await claim(inbox, { limit: 2500 });
      expect(claimed.map(({ key }) => key).toSorted()).toEqual(
        Array.from({ length: 700 }, (_, n) => `job-${n}`).toSorted(),
      );
    });
  });

  describe("a target that holds something else", () => {
    test.each(["key", "content"])("by %s is named, and nothing is changed on either", async (what) => {
      const { source, target, before } = await filled();
      const { inbox } = await to.open(target.place, SECRET);
      const key = what === "key" ? "unknown" : "lane-1";
      await inbox.accept([aJob({ key, payload: { other: true } })]);
      await expect(moveAll(source, target)).rejects.toThrow(`not the same in the source: job ${key}.`);
      const there = await to.open(target.place, SECRET);
      expect((await contentOf(there)).jobs).toMatchObject([{ key, payload: { other: true } }]);
      expect(await there.installations.list()).toEqual([]);
      expect((await contentOf(await from.openServer(source.place))).jobs).toEqual(before.jobs);
    });

    test("as an installation or a pause is named as well", async () => {
      const { source, target } = await filled();
      const { installations, holds } = await to.open(target.place, SECRET);
      await installations.of("chatio").save(anInstallation({ account: "1520" }));
      await holds.hold("webex", "asked", 5000);
      await expect(moveAll(source, target)).rejects.toThrow("installation chatio:1520, pause of webex.");
    });

    test("names five at most", async () => {
      const [source, target] = await twoPlaces();
      const { inbox } = await to.open(target.place);
      await inbox.accept(Array.from({ length: 8 }, (_, n) => aJob({ key: `job-${n}` })));
      await expect(moveAll(source, target)).rejects.toThrow(/job job-4, and more\./);
    });
  });

  test("what is read back and differs is an error; the source can be used", async () => {
    const { source, target, before } = await filled();
    const forgetful: Interference = { target: () => ({ addHolds: async () => {} }) };
    await expect(moveAll(source, target, forgetful)).rejects.toThrow(
      /is not what was written\. Source: .* 2 pauses, .* Target: .* 0 pauses, /,
    );
    expect((await contentOf(await from.openServer(source.place))).jobs).toEqual(before.jobs);
  });

  describe("afterwards the source", () => {
    test("is refused to servers and commands, and nothing that is open on it can accept", async () => {
      const { source, target, store } = await filled();
      await moveAll(source, target);
      const refusal = /^DATABASE_URL: everything in .* was moved to .* --reopen /;
      await expect(from.openServer(source.place)).rejects.toThrow(refusal);
      await expect(from.open(source.place)).rejects.toThrow(refusal);
      await expect(store.inbox.accept([aJob()])).rejects.toThrow("was moved to another database");
      await expect(store.installations.of("chatio").lease("1520", "owner", 1000)).rejects.toThrow(
        "was moved",
      );
    });

    test("can be used again, as it was, once it is reopened", async () => {
      const { source, target, before, store } = await filled();
      await moveAll(source, target);
      expect(await from.reopen(source.place)).toBe(true);
      expect(await from.reopen(source.place)).toBe(false);
      expect((await contentOf(store)).jobs).toEqual(before.jobs);
      expect(await store.inbox.accept([aJob()])).toBe(1);
      await store.close();
      vi.useRealTimers();
      await (await from.openServer(source.place)).close();
    });

    test("is neither moved to another place nor used as a target", async () => {
      const { source, target } = await filled();
      await moveAll(source, target);
      const third = { kind: to, place: await to.newPlace() };
      await expect(moveAll(source, third)).rejects.toThrow(
        /^--from: everything in .* was moved to .* already/,
      );
      await expect(moveAll(target, source)).rejects.toThrow(/^--to: what was in .* was moved to /);
    });
  });

  test("there and back the checksum is the same", async () => {
    const { source, target } = await filled();
    const back = { kind: from, place: await from.newPlace() };
    const there = await moveAll(source, target);
    const again = await moveAll(target, back);
    expect(again).toEqual(there);
    const reports = [there, again].map((report) => (report.wasDone ? null : report.sums.checksum));
    expect(new Set(reports)).toEqual(new Set([expect.stringMatching(/^[0-9a-f]{64}$/)]));
  });

  test("while a server runs on either, nothing is moved", async () => {
    const [source, target] = await twoPlaces();
    for (const { kind, place } of [source, target]) {
      const server = await kind.openServer(place);
      await expect(moveAll(source, target)).rejects.toThrow(/server(s are| is) running on /);
      await server.close();
    }
    expect(await moveAll(source, target)).toMatchObject({ wasDone: false });
  });

  test("while everything is moved, nobody writes to the source, but before and after a failed move they do", async () => {
    const [source, target] = await twoPlaces();
    const store = await from.open(source.place);
    const can: boolean[] = [await from.canWrite(source.place)];
    const interference: Interference = {
      target: () => ({
        async addHolds() {
          can.push(await from.canWrite(source.place));
          throw new Error("failed");
        },
      }),
    };
    await expect(moveAll(source, target, interference)).rejects.toThrow("failed");
    can.push(await from.canWrite(source.place));
    expect(can).toEqual([true, false, true]);
    expect(await store.inbox.accept([aJob()])).toBe(1);
  });

  test("while everything is moved, no server starts on either", async () => {
    const [source, target] = await twoPlaces();
    const refusals: string[] = [];
    const startBoth: Interference = {
      target: ({ addHolds }) => ({
        async addHolds(holds) {
          for (const { kind, place } of [source, target])
            await kind.openServer(place).catch(({ message }) => refusals.push(message));
          await addHolds(holds);
        },
      }),
    };
    await moveAll(source, target, startBoth);
    expect(refusals).toEqual([
      expect.stringMatching(/is being moved to another database|another server is running/),
      expect.stringMatching(/is being moved to|another server is running/),
    ]);
  });
}

function oddJob() {
  const key = `odd ${ODD}`;
  return aJob({
    key,
    lane: `lane ${ODD}`,
    quota: "webex",
    payload: { [ODD]: [ODD, 1, null, { deep: ODD }] },
  });
}

/** Jobs in every state, one lane with three, installations of two platforms, and pauses. */
async function fill({ inbox, installations, holds }: Store): Promise<void> {
  const license = { platform: "chatio", quota: "chatio:1520" };
  await inbox.accept([aJob({ key: "done" })]);
  await inbox.settle(await claimOne(inbox), DONE, { said: ODD }, 20, CALLS);
  await inbox.accept([aJob({ key: "dead", ...license })]);
  await inbox.settle(await claimOne(inbox), { ...waiting(0), error: ODD }, { joined: true }, 7, CALLS);
  await inbox.settle(await claimOne(inbox), DEAD, { joined: true }, 9);
  await inbox.accept([aJob({ key: "postponed", ...license })]);
  await inbox.settle(await claimOne(inbox), waiting(30_000), { joined: true }, 9, CALLS);
  vi.advanceTimersByTime(10);
  await inbox.accept([oddJob()]);
  vi.advanceTimersByTime(10);
  await inbox.accept([aJob({ key: "in hand" })]);
  const [, inHand] = await claim(inbox, { owner: "worker-1" });
  if (inHand === undefined) throw new Error("two jobs were due");
  await inbox.saveProgress(inHand, { said: 1 });
  await inbox.releaseAll("worker-2");
  vi.advanceTimersByTime(10);
  await inbox.accept(["lane-1", "lane-2", "lane-3"].map((key) => aJob({ key, lane: "webex:lane" })));
  await inbox.accept([aJob({ key: "held", ...license })]);
  await holds.hold("chatio:1520", "asked", 60_000);
  await holds.hold("platform webex", "failing", 1000);
  vi.advanceTimersByTime(0);
  const { of } = installations;
  const details = { region: ODD };
  await of("chatio").save(anInstallation({ lookup: "lookup-1520", botIsCurrent: false }));
  await of("chatio").save(anInstallation({ account: "999", lookup: null, needsReinstall: true }));
  await of("livechat").save({ ...anInstallation(), platform: "livechat", account: "ö-1", details });
}

async function contentOf({ desk, installations, holds }: Store) {
  return {
    jobs: await desk.list({ state: null, limit: 1000 }),
    installations: await installations.list(),
    holds: (await holds.list()).toSorted((a, b) => (a.quota < b.quota ? -1 : 1)),
  };
}

/** In the target a job in hand is waiting. */
function asWaiting(job: JobRecord): JobRecord {
  return job.state === "working" ? { ...job, state: "waiting", server: null } : job;
}

/** PostgreSQL keeps U+0000 as its picture; a file keeps it as it is. */
function asKept({ keeps }: Kind): (job: JobRecord) => JobRecord {
  return (job) => ({
    ...job,
    key: keeps(job.key),
    lane: keeps(job.lane),
    lastError: job.lastError && keeps(job.lastError),
  });
}
