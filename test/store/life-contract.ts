import { expect, test } from "vitest";
import { StoreError } from "../../src/errors.ts";
import { fingerprint } from "../../src/secrets.ts";
import { aJob, anInstallation } from "../support/jobs.ts";
import type { Kind } from "./contract.ts";
import { aClaim, claimOne, DONE, nextDueInMs, waiting } from "./in-hand.ts";

export function lifeContract(kind: Kind): void {
  test("jobs and installations outlive the process, with progress, attempts and order", async () => {
    const place = kind.newPlace();
    const before = await kind.open(place);
    const installation = anInstallation();
    await before.installations.of("chatio").save(installation);
    const [tried, done, fresh] = [aJob(), aJob(), aJob({ lane: "room-1" })];
    const next = aJob({ lane: "room-1" });
    await before.inbox.accept([tried]);
    await before.inbox.settle(await claimOne(before.inbox), waiting(0), { joined: true });
    const inHand = await claimOne(before.inbox);
    await before.inbox.accept([done]);
    await before.inbox.settle(await claimOne(before.inbox), DONE, {});
    await before.inbox.accept([fresh, next]);
    await before.close();

    const { inbox, desk, installations } = await kind.open(place);
    expect(await installations.list()).toEqual([installation]);
    expect(await desk.countByState()).toEqual({ waiting: 2, working: 1, done: 1, dead: 0 });
    expect(await inbox.accept([tried, done, fresh, next])).toBe(0);
    expect(await inbox.recover()).toBe(1);
    const left = await inbox.claim(aClaim({ owner: "worker-1", limit: 10, leaseMs: 1000 }));
    expect(left.find(({ key }) => key === tried.key)).toMatchObject({
      ...tried,
      acceptedAt: inHand.acceptedAt,
      attempts: 3,
      progress: { joined: true },
    });
    expect(left.find(({ key }) => key === fresh.key)).toMatchObject({ ...fresh, attempts: 1 });
    expect(left).toHaveLength(2);
  });

  test("another process on the same database hears the news, once", async () => {
    const place = kind.newPlace();
    const [server, command] = [await kind.open(place), await kind.open(place)];
    const before = await server.news.count();
    await command.news.tell();
    expect(await server.news.count()).toBe(before + 1);
    expect(await server.news.count()).toBe(before + 1);
  });

  test("what was accepted just before closing is kept", async () => {
    const place = kind.newPlace();
    const before = await kind.open(place);
    const accepted = before.inbox.accept([aJob()]);
    await before.close();
    expect(await accepted).toBe(1);
    expect((await (await kind.open(place)).desk.countByState()).waiting).toBe(1);
  });

  test("two processes on one store see each other's jobs", async () => {
    const place = kind.newPlace();
    const [one, other] = [await kind.open(place), await kind.open(place)];
    const job = aJob();
    await one.inbox.accept([job]);
    expect(await other.inbox.accept([job])).toBe(0);
    const inHand = await claimOne(other.inbox);
    await one.inbox.settle(inHand, DONE, {});
    expect((await other.desk.countByState()).done).toBe(1);
  });

  test("the check passes as often as it is made while the store can be written", async () => {
    const store = await kind.open(kind.newPlace());
    await store.check();
    await store.check();
    expect(await store.desk.countByState()).toEqual({ waiting: 0, working: 0, done: 0, dead: 0 });
  });

  test("a closed store refuses everything with StoreError", async () => {
    const { inbox, desk, installations, check, close } = await kind.open(kind.newPlace());
    const licenses = installations.of("chatio");
    await inbox.accept([aJob()]);
    const job = await claimOne(inbox);
    await close();
    const attempts = {
      accept: () => inbox.accept([aJob()]),
      claim: () => inbox.claim(aClaim({ owner: "worker-1", limit: 1, leaseMs: 1 })),
      saveProgress: () => inbox.saveProgress(job, {}),
      settle: () => inbox.settle(job, DONE, {}),
      releaseAll: () => inbox.releaseAll("worker-1"),
      recover: () => inbox.recover(),
      nextDueAt: () => nextDueInMs(inbox),
      prune: () => inbox.prune(1, 1),
      countByState: () => desk.countByState(),
      oldestWaitingSince: () => desk.longestWaitMs(),
      "desk.list": () => desk.list({ state: null, limit: 1 }),
      "desk.find": () => desk.find(job.key),
      "desk.retry": () => desk.retry(job.key),
      "desk.retryAllDead": () => desk.retryAllDead(),
      "desk.drop": () => desk.drop(job.key),
      save: () => licenses.save(anInstallation()),
      replace: () => licenses.replace(anInstallation(), anInstallation().credentials),
      lease: () => licenses.lease("1", "owner", 1000),
      "lease's release": () => licenses.release("1", "owner"),
      find: () => licenses.find("1"),
      findByLookup: () => licenses.findByLookup(fingerprint("secret")),
      list: () => licenses.list(),
      "all installations' list": () => installations.list(),
      "all installations' countByState": () => installations.countByState(),
      due: () => licenses.due({ after: null, limit: 1, clockToleranceMs: 0 }),
      working: () => licenses.working({ after: null, limit: 1 }),
      "installations.countByState": () => licenses.countByState(),
      countElsewhere: () => licenses.countElsewhere("https://bots.example/webhook"),
      nextExpiry: () => licenses.nextExpiry(),
      remove: () => licenses.remove("1"),
      check,
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      await expect(attempt(), name).rejects.toThrow(StoreError);
    }
  });
}
