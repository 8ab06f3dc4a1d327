import { expect, onTestFinished, test } from "vitest";
import type { Outage } from "../../src/health/failing.ts";
import { createTitles } from "../../src/health/titles.ts";
import { createTroubleWatch } from "../../src/health/troubles.ts";
import { DESCRIPTIONS } from "../../src/platforms/list.ts";
import { claimOne, DONE } from "../store/in-hand.ts";
import { passTime, stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { createLogSink } from "../support/log.ts";
import { openTestStore } from "../support/store.ts";

const titles = createTitles(DESCRIPTIONS);

function anOutage(overrides: Partial<Outage> = {}): Outage {
  return {
    ...{ platform: "chatio", quota: null, since: Date.now() - 30_000, lastedMs: 30_000 },
    ...{ outcome: "503", silentMs: 0 },
    ...overrides,
  };
}

function startWatch() {
  stopClock();
  const { log, messages } = createLogSink();
  const store = openTestStore();
  let outages: Outage[] = [];
  const watch = createTroubleWatch({ failing: { outages: () => outages }, store, titles, log });
  watch.start();
  onTestFinished(watch.stop);
  return {
    ...{ watch, messages, inbox: store.inbox, holds: store.holds },
    async fail(...next: Outage[]) {
      outages = next;
      await passTime(1000, 250);
    },
    sentences: () => watch.now().outages.map(({ sentence }) => sentence),
  };
}

test("a failing platform is logged once, with the waiting jobs, and once when it works again", async () => {
  const { inbox, messages, fail, sentences } = startWatch();
  await inbox.accept([aJob({ platform: "chatio" }), aJob({ platform: "chatio" }), aJob()]);

  await fail(anOutage());
  await fail(anOutage());
  expect(sentences()).toEqual(["chat.io has been failing since 09:59 UTC: 503; 2 jobs are waiting"]);
  await fail();

  expect(sentences()).toEqual([]);
  expect(messages()).toEqual([
    "chat.io has been failing since 09:59 UTC: 503; 2 jobs are waiting.",
    "chat.io works again; it failed for 30 s.",
  ]);
});

test("a failing license is named, with the number of waiting chats", async () => {
  const { inbox, fail, sentences } = startWatch();
  await inbox.accept([aJob({ platform: "chatio", quota: "chatio:1520" })]);

  await fail(anOutage({ quota: "chatio:1520", outcome: "no answer", since: Date.now() - 86_400_000 }));

  expect(sentences()).toEqual([
    "License 1520 of chat.io has been failing since 2026-01-04 10:00 UTC: no answer; jobs are waiting in 1 chat",
  ]);
});

test("a license whose whole platform is failing by now has not recovered", async () => {
  const { messages, fail } = startWatch();
  await fail(anOutage({ quota: "chatio:1520" }));
  await fail(anOutage());
  await fail();

  expect(messages().filter((line) => line.includes("works again"))).toEqual([
    "chat.io works again; it failed for 30 s.",
  ]);
});

test("of many failing licenses five are named, and the rest are counted", async () => {
  const { messages, fail, sentences } = startWatch();
  await fail(...Array.from({ length: 83 }, (_, index) => anOutage({ quota: `chatio:${index}` })));
  expect(sentences()).toHaveLength(6);
  expect(sentences().at(-1)).toBe("78 more licenses are failing");
  await fail();

  expect(messages()).toHaveLength(12);
  expect(messages()[5]).toBe("78 more licenses are failing.");
  expect(messages().at(-1)).toBe("78 more licenses work again.");
});

test("a failing platform that is no longer called is not said to work", async () => {
  const { messages, fail } = startWatch();
  await fail(anOutage({ quota: "chatio:1520", silentMs: 899_500 }));
  await fail();

  expect(messages().at(-1)).toBe("License 1520 of chat.io was failing and has not been called for 15 min.");
});

test("a backlog begins when a job has waited for a minute, and ends when none has", async () => {
  const { inbox, watch, messages } = startWatch();
  await inbox.accept([aJob(), aJob()]);
  await passTime(60_000, 1000);
  expect(watch.now().backlog).toBeNull();
  await passTime(2000, 1000);
  expect(watch.now().backlog).toMatch(/^Jobs are waiting: 2, the oldest for 1 min$/);
  await passTime(60_000, 1000);
  await inbox.settle(await claimOne(inbox, { limit: 1 }), DONE, {});
  await inbox.settle(await claimOne(inbox, { limit: 1 }), DONE, {});
  await passTime(2000, 1000);

  expect(watch.now().backlog).toBeNull();
  expect(messages()).toEqual([
    "Jobs are waiting: 2, the oldest for 1 min.",
    "The backlog is over after 1 min: no job has waited for more than a minute.",
  ]);
});

test("a long pause that a platform asked for is reported, with its end and how to end it; a short one is not", async () => {
  const { watch, holds } = startWatch();
  await holds.hold("chatio:1520", "asked", 7_200_000);
  await holds.hold("webex", "asked", 30_000);
  await passTime(6000, 250);
  expect(watch.now().pauses).toEqual([
    "No calls for license 1520 of chat.io until 12:00:00 UTC, as the platform asked. To end the pause: npm run inbox -- lift chatio:1520",
  ]);
  await holds.lift("chatio:1520", "asked");
  await passTime(6000, 250);
  expect(watch.now().pauses).toEqual([]);
});
