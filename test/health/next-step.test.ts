import { expect, test } from "vitest";
import { createNextStep } from "../../src/health/next-step.ts";
import { createTitles } from "../../src/health/titles.ts";
import { DESCRIPTIONS } from "../../src/platforms/list.ts";
import { type Hold, type JobRecord, platformPauseName } from "../../src/store/store.ts";
import { aWaitingRecord } from "../support/jobs.ts";

const titles = createTitles(DESCRIPTIONS);
const NOW = Date.parse("2026-01-05T23:50:00Z");

const aRecord = (overrides: Partial<JobRecord> = {}) => aWaitingRecord(NOW, overrides);

const asked: Hold = { quota: "chatio:1", reason: "asked", ms: 67_000, pauseMs: 67_000 };
const fails: Hold = { quota: platformPauseName("chatio"), reason: "failing", ms: 3200, pauseMs: 64_000 };

test.each([
  ["may begin", {}, [], "It is tried as soon as it is its turn."],
  ["has just failed", { nextAttemptAt: NOW + 11_400 }, [], "It is tried again at 23:50:11 UTC, in 12 s."],
  ["is held", {}, [asked], "It is tried after 23:51:07 UTC. chat.io has asked for a pause until then."],
  [
    "is of a failing platform",
    {},
    [fails],
    "chat.io is failing, and only one job at a time probes it, the next one in 4 s. This job goes on once chat.io answers again.",
  ],
  ["is behind another", { isBehind: true }, [], "It is tried once the job before it in its chat is settled."],
  [
    "is of a platform without settings",
    { platform: "webex" },
    [],
    "Nothing, until Webex is set up and the server is restarted. Then it is tried.",
  ],
  [
    "is in hand",
    { state: "working" },
    [],
    "The server is working on it now. The attempt is listed once it has ended.",
  ],
  [
    "is dead",
    { state: "dead", settledAt: NOW - 60_000 },
    [],
    "Nothing, unless you retry it. It will be deleted after 7 days, on 2026-01-12 23:49 UTC.",
  ],
  [
    "is done",
    { state: "done", settledAt: NOW - 8 * 86_400_000 },
    [],
    "Nothing: it is done. A repeated delivery is recognized while the job is kept. It will be deleted soon.",
  ],
] as const)("a job that %s", (_what, overrides, holds, sentences) => {
  const nextStep = createNextStep({ now: NOW, holds, titles, platforms: ["chatio"], isWritable: true });
  expect(nextStep(aRecord(overrides))).toBe(sentences);
});
