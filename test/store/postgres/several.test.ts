import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openPostgresServerStore } from "../../../src/store/postgres/index.ts";
import type { Store } from "../../../src/store/store.ts";
import { stopClock } from "../../support/clock.ts";
import { aJob } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import {
  hasPostgres,
  makeDatabase,
  newPostgresUrl,
  openTestPostgres,
  withClient,
} from "../../support/postgres.ts";
import { claim, claimedKeys, claimOne, DONE, keysOf } from "../in-hand.ts";

/** A server on the database, as `npm start` opens its store. */
async function openServer(url: string): Promise<Store> {
  await makeDatabase(url);
  const store = await openPostgresServerStore({
    url,
    encryptionSecretsOf: () => ["client-secret-invented"],
    log: createLogSink().log,
    clock: () => (vi.isFakeTimers() ? Date.now() : null),
  });
  onTestFinished(() => store.close());
  return store;
}

const sql = (url: string, text: string) => withClient(url, (client) => client.query(text));

/** Enters a server that last said so many milliseconds ago that it is alive, and has been for so many. */
function addServer(url: string, name: string, { beatAgo, aliveFor }: { beatAgo: number; aliveFor: number }) {
  return sql(
    url,
    `INSERT INTO chatops.servers (name, facts, started_at, beat_at, alive_since) VALUES
      ('${name}', '{"version":"1"}', 0, chatops.now_ms() - ${beatAgo}, chatops.now_ms() - ${aliveFor})`,
  );
}

describe.skipIf(!hasPostgres())("several servers on one database", () => {
  test("know of each other; one of them leads, and another when that one has stopped", async () => {
    const url = newPostgresUrl();
    const one = await openServer(url);
    const other = await openServer(url);
    const all = await other.servers.list();
    expect(all.map(({ name }) => name)).toEqual([one.servers.own, other.servers.own]);
    expect(all.every(({ isAlive, version }) => isAlive && version !== "")).toBe(true);
    expect([one.servers.leads(), other.servers.leads()]).toEqual([true, false]);
    await one.close();
    await vi.waitFor(() => expect(other.servers.leads()).toBe(true), { timeout: 10_000 });
    expect((await other.servers.list()).map(({ name }) => name)).toEqual([other.servers.own]);
  });

  test("a dead one's jobs go on at another, and it cannot settle them any more", async () => {
    const url = newPostgresUrl();
    const [dead, other] = [await openTestPostgres(url), await openTestPostgres(url)];
    await dead.inbox.accept([aJob(), aJob()]);
    const [first] = await claim(dead.inbox, { owner: "dead", leaseMs: 600_000 });
    await addServer(url, "dead", { beatAgo: 14_000, aliveFor: 60_000 });
    await addServer(url, "other", { beatAgo: 0, aliveFor: 60_000 });
    const others = () => claimedKeys(other.inbox, { owner: "other" });
    expect(await others()).toEqual([]);
    await sql(url, "UPDATE chatops.servers SET beat_at = beat_at - 2000 WHERE name = 'dead'");
    expect(await other.inbox.nextDueInMs("other", ["webex"])).toBe(0);
    expect(await others()).toHaveLength(2);
    if (first) await expect(dead.inbox.settle(first, DONE, {})).rejects.toThrow("no longer ours");
  });

  test("after the database was away nobody is taken for dead: all were silent", async () => {
    const url = newPostgresUrl();
    const store = await openTestPostgres(url);
    await store.inbox.accept([aJob()]);
    await claimOne(store.inbox, { owner: "silent", leaseMs: 600_000 });
    await addServer(url, "silent", { beatAgo: 60_000, aliveFor: 120_000 });
    await addServer(url, "first to be back", { beatAgo: 0, aliveFor: 0 });
    expect(await claimedKeys(store.inbox, { owner: "first to be back" })).toEqual([]);
    expect(await store.inbox.recover()).toBe(0);
  });

  test("a server that comes back claims before it beats: it is alive then, but takes nobody for dead yet", async () => {
    const url = newPostgresUrl();
    const store = await openTestPostgres(url);
    await store.inbox.accept([aJob()]);
    await claimOne(store.inbox, { owner: "silent", leaseMs: 600_000 });
    await addServer(url, "silent", { beatAgo: 60_000, aliveFor: 120_000 });
    await addServer(url, "back", { beatAgo: 60_000, aliveFor: 120_000 });
    expect(await claimedKeys(store.inbox, { owner: "back" })).toEqual([]);
    expect((await store.servers.list()).find(({ name }) => name === "back")?.isAlive).toBe(true);
  });

  test("a server that beats again after a pause is alive since then only", async () => {
    const url = newPostgresUrl();
    const store = await openServer(url);
    const aliveFor = async () => {
      const { rows } = await sql(url, "SELECT chatops.now_ms() - alive_since AS ms FROM chatops.servers");
      return Number(rows[0].ms);
    };
    await sql(url, "UPDATE chatops.servers SET alive_since = alive_since - 60000");
    expect(await aliveFor()).toBeGreaterThan(50_000);
    await sql(url, "UPDATE chatops.servers SET beat_at = beat_at - 16000");
    await vi.waitFor(async () => expect(await aliveFor()).toBeLessThan(10_000), { timeout: 10_000 });
    expect((await store.servers.list())[0]?.isAlive).toBe(true);
  });

  test("a quota that pauses because it fails is tried with one job at a time, whoever claims", async () => {
    stopClock();
    const url = newPostgresUrl();
    const [one, other] = [await openTestPostgres(url), await openTestPostgres(url)];
    await one.inbox.accept([aJob({ quota: "fails" }), aJob({ quota: "fails" }), aJob({ quota: "works" })]);
    await one.holds.hold("fails", "failing", 1000);
    expect(await claimedKeys(other.inbox)).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    const tried = await claim(one.inbox, { owner: "one" });
    expect(tried).toHaveLength(1);
    expect(await claimedKeys(other.inbox, { owner: "other" })).toEqual([]);
    for (const job of tried) await one.inbox.settle(job, DONE, {});
    await one.holds.lift("fails", "failing");
    expect(await claimedKeys(other.inbox, { owner: "other" })).toHaveLength(1);
  });

  test("an event that all deliver at once is kept once; a chat's jobs keep their order at whichever server they arrive", async () => {
    const url = newPostgresUrl();
    const stores = [await openTestPostgres(url), await openTestPostgres(url), await openTestPostgres(url)];
    const same = aJob();
    const added = await Promise.all(
      [...stores, ...stores, ...stores].map(({ inbox }) => inbox.accept([same])),
    );
    expect(added.reduce((sum, one) => sum + one, 0)).toBe(1);

    const inLane = Array.from({ length: 30 }, () => aJob({ lane: "chat-1" }));
    await Promise.all(inLane.map((job, n) => stores[n % 3]?.inbox.accept([job])));
    const done: string[] = [];
    const accepted = (await stores[0]?.desk.list({ state: "waiting", limit: 100 })) ?? [];
    const order = keysOf(accepted.filter(({ lane }) => lane === "chat-1").reverse());
    while (done.length < 30) {
      const hands = await Promise.all(
        stores.map(({ inbox }, n) => claim(inbox, { owner: `server-${n}`, limit: 5 })),
      );
      const jobs = hands.flatMap((hand, n) => hand.map((job) => ({ job, inbox: stores[n]?.inbox })));
      const ofLane = jobs.filter(({ job }) => job.lane === "chat-1");
      expect(ofLane.length).toBeLessThanOrEqual(1);
      for (const { job, inbox } of jobs) await inbox?.settle(job, DONE, {});
      done.push(...ofLane.map(({ job }) => job.key));
    }
    expect(done).toEqual(order);
  });

  test("of two jobs that arrive at once in one chat at two servers, one is in hand at a time", async () => {
    const url = newPostgresUrl();
    const [one, other] = [await openTestPostgres(url), await openTestPostgres(url)];
    for (let n = 0; n < 60; n += 1) {
      const lane = `chat-${n}`;
      await Promise.all([one.inbox.accept([aJob({ lane })]), other.inbox.accept([aJob({ lane })])]);
      const hands = await Promise.all([
        claim(one.inbox, { owner: "one" }),
        claim(other.inbox, { owner: "other" }),
      ]);
      expect(hands.flat(), lane).toHaveLength(1);
      for (const job of hands.flat()) await one.inbox.settle(job, DONE, {});
      for (const job of await claim(one.inbox, { owner: "one" })) await one.inbox.settle(job, DONE, {});
    }
  });

  test("a job that arrives while the last one of its chat ends elsewhere is not forgotten", async () => {
    const url = newPostgresUrl();
    const [one, other] = [await openTestPostgres(url), await openTestPostgres(url)];
    for (let n = 0; n < 60; n += 1) {
      const lane = `chat-${n}`;
      await one.inbox.accept([aJob({ lane })]);
      const inHand = await claimOne(one.inbox);
      const next = aJob({ lane });
      await Promise.all([one.inbox.settle(inHand, DONE, {}), other.inbox.accept([next])]);
      expect(await claimedKeys(other.inbox), lane).toEqual([next.key]);
    }
  });

  test("hear of jobs that another has accepted", async () => {
    const url = newPostgresUrl();
    const [one, other] = [await openServer(url), await openServer(url)];
    const [heard, ownHeard] = [vi.fn(), vi.fn()];
    other.servers.onJobsElsewhere(heard);
    await vi.waitFor(() => expect(heard).toHaveBeenCalled());
    heard.mockClear();
    one.servers.onJobsElsewhere(ownHeard);
    ownHeard.mockClear();
    await one.inbox.accept([aJob()]);
    await vi.waitFor(() => expect(heard).toHaveBeenCalled());
    expect(ownHeard.mock.calls.length).toBeLessThanOrEqual(1);
  });

  test("what was counted is added up, and stays the same", async () => {
    const url = newPostgresUrl();
    const store = await openServer(url);
    for (let n = 0; n < 20; n += 1) await store.inbox.accept([aJob(), aJob()]);
    for (const job of await claim(store.inbox, { limit: 5 })) await store.inbox.settle(job, DONE, {});
    const rows = async () =>
      Number((await sql(url, "SELECT count(*) AS n FROM chatops.job_counts")).rows[0].n);
    expect(await rows()).toBeGreaterThan(10);
    await vi.waitFor(async () => expect(await rows()).toBeLessThanOrEqual(3), { timeout: 10_000 });
    expect(await store.desk.countByState()).toEqual({ waiting: 35, working: 0, done: 5, dead: 0 });
  });
});
