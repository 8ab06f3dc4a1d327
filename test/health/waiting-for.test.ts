import { expect, test } from "vitest";
import { createNextStep } from "../../src/health/next-step.ts";
import { createTitles } from "../../src/health/titles.ts";
import { createWaitingFor } from "../../src/health/waiting-for.ts";
import { DESCRIPTIONS } from "../../src/platforms/list.ts";
import { type Hold, type JobRecord, platformPauseName } from "../../src/store/store.ts";
import { aWaitingRecord } from "../support/jobs.ts";

const titles = createTitles(DESCRIPTIONS);
const NOW = Date.parse("2026-01-05T23:50:00Z");

const aWaitingJob = (overrides: Partial<JobRecord> = {}) => aWaitingRecord(NOW, overrides);

function aHold(quota: string, reason: Hold["reason"], ms: number): Hold {
  return { quota, reason, ms, pauseMs: 64_000 };
}

const later = { nextAttemptAt: NOW + 11_400 };
const asked = aHold("chatio:1", "asked", 67_000);
const quotaFails = aHold("chatio:1", "failing", 3200);
const platformFails = aHold(platformPauseName("chatio"), "failing", 40_000);

test.each([
  ["one that may begin", {}, [], "waits for its turn"],
  ["one that has just failed", later, [], "next try in 12 s"],
  ["one whose license is held", later, [asked, quotaFails], "held by chat.io until 23:51:07 UTC"],
  [
    "one that is held for long",
    {},
    [aHold("chatio:1", "asked", 86_400_000)],
    "held by chat.io until 2026-01-06 23:50:00 UTC",
  ],
  ["one whose license is probed", later, [quotaFails], "chat.io is failing, next probe in 4 s"],
  ["one whose platform is probed", {}, [quotaFails, platformFails], "chat.io is failing, next probe in 40 s"],
  [
    "one that is to be the probe",
    later,
    [aHold("chatio:1", "failing", 0)],
    "chat.io is failing, next probe in 12 s",
  ],
  [
    "one for the probe that is due",
    {},
    [aHold("chatio:1", "failing", 0)],
    "chat.io is failing, next probe now",
  ],
  ["one of another license", {}, [aHold("chatio:2", "asked", 9000)], "waits for its turn"],
  ["one behind another", { isBehind: true }, [asked], "waits for the job before it in its chat"],
  ["one of another platform", { platform: "webex" }, [], "its platform is not set up"],
] as const)("%s", (_what, overrides, holds, words) => {
  const waitingFor = createWaitingFor({ now: NOW, holds, titles, platforms: ["chatio"], isWritable: true });
  expect(waitingFor(aWaitingJob(overrides))).toBe(words);
});

test("a job that does not wait waits for nothing", () => {
  const waitingFor = createWaitingFor({
    now: NOW,
    holds: [asked],
    titles,
    platforms: ["chatio"],
    isWritable: true,
  });
  for (const state of ["working", "done", "dead"] as const)
    expect(waitingFor(aWaitingJob({ state }))).toBeNull();
});

test("while the database cannot be written, every job of a platform that is set up waits for that", () => {
  const around = { now: NOW, holds: [asked], titles, platforms: ["chatio"], isWritable: false };
  const waitingFor = createWaitingFor(around);
  expect(waitingFor(aWaitingJob({ isBehind: true }))).toBe("waits until the database can be written");
  expect(waitingFor(aWaitingJob({ platform: "webex" }))).toBe("its platform is not set up");
  expect(waitingFor(aWaitingJob({ state: "working" }))).toBeNull();
  expect(createNextStep(around)(aWaitingJob())).toBe("It is tried once the database can be written again.");
});
