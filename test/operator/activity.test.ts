import { expect, test } from "vitest";
import type { Job, JsonObject } from "../../src/job.ts";
import { type Activity, createActivity } from "../../src/operator/activity.ts";
import { createMinuteCounts } from "../../src/store/only-server.ts";
import type { MinuteCounts } from "../../src/store/store.ts";
import { aJob } from "../support/jobs.ts";
import { createLogSink } from "../support/log.ts";

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 0, 5, 12);

/** An activity whose time passes when the test says so. */
function createActivityAt(start = NOON, shared = createMinuteCounts()) {
  const clock = { now: start };
  const activity = createActivity({ shared, log: createLogSink().log, now: () => clock.now });
  return { activity, clock, pass: (ms: number) => (clock.now += ms) };
}

const acceptedAt = (ms: number): Job => ({ ...aJob(), attempts: 1, acceptedAt: ms, progress: {} });

/** The minutes in which anything was delivered or done, by how long ago they began. */
async function busyMinutes(activity: Activity) {
  const { minutes } = await activity.lastHour();
  return minutes
    .map((minute, index) => ({ ago: 59 - index, ...minute }))
    .filter(({ deliveries, reactions }) => reactions || Object.values(deliveries).some((count) => count > 0));
}

test("the last hour has 60 minutes, from the oldest to the current one", async () => {
  const { activity } = createActivityAt(NOON + 30_000);

  const { minutes, since, reactions } = await activity.lastHour();

  expect(minutes.map(({ startsAt }) => startsAt)).toEqual(
    Array.from({ length: 60 }, (_, index) => NOON - (59 - index) * MINUTE),
  );
  expect(since).toBe(NOON + 30_000);
  expect(reactions).toBeNull();
  expect(await busyMinutes(activity)).toEqual([]);
});

test("deliveries count by kind, in the minute of their answer; errors count as refused", async () => {
  const { activity, pass } = createActivityAt();
  const before = await activity.lastHour();
  for (const answer of ["accepted", "accepted", "duplicate", "ignored"])
    activity.deliveryAnswered("chatio", answer);
  pass(MINUTE);
  for (const answer of ["401", "400", "503", "accepted"]) activity.deliveryAnswered("chatio", answer);

  expect(await busyMinutes(activity)).toMatchObject([
    { ago: 1, deliveries: { accepted: 2, duplicate: 1, ignored: 1, refused: 0 } },
    { ago: 0, deliveries: { accepted: 1, duplicate: 0, ignored: 0, refused: 3 } },
  ]);
  // What was reported before does not change.
  expect(before.minutes.at(-1)?.deliveries.accepted).toBe(0);
});

test("a reaction lasts from the time its job was accepted until it was done; the hour sums up its minutes", async () => {
  const { activity, pass, clock } = createActivityAt();
  for (const end of ["waiting", "dead"] as const) activity.attemptEnded(acceptedAt(NOON - 10), end, 1);
  expect((await activity.lastHour()).reactions).toBeNull();
  for (let ms = 1; ms <= 100; ms += 1) activity.attemptEnded(acceptedAt(NOON - ms), "done", 1);
  pass(MINUTE);
  for (const ms of [60, 100, 120]) activity.attemptEnded(acceptedAt(clock.now - ms), "done", 1);

  expect(await busyMinutes(activity)).toMatchObject([
    { ago: 1, reactions: { count: 100, medianMs: 50, p95Ms: 95 } },
    { ago: 0, reactions: { count: 3, medianMs: 100, p95Ms: 120 } },
  ]);
  expect((await activity.lastHour()).reactions).toMatchObject({ count: 103, medianMs: 52, p95Ms: 97 });
});

test("a reaction that took no time, or less after the clock was set back, counts as a millisecond; one of days as an hour", async () => {
  const { activity } = createActivityAt();
  for (const ms of [0, -5000]) activity.attemptEnded(acceptedAt(NOON - ms), "done", 1);
  expect((await activity.lastHour()).reactions).toEqual({ count: 2, medianMs: 1, p95Ms: 1 });

  activity.attemptEnded(acceptedAt(NOON - 86_400_000), "done", 1);

  const longest = (await activity.lastHour()).reactions?.p95Ms ?? 0;
  expect(longest / 3_600_000).toBeCloseTo(1, 2);
});

test("what is an hour old is forgotten, and does not count in a later minute", async () => {
  const { activity, pass } = createActivityAt();
  activity.deliveryAnswered("chatio", "accepted");
  activity.attemptEnded(acceptedAt(NOON - 10), "done", 1);

  pass(59 * MINUTE);
  expect(await busyMinutes(activity)).toMatchObject([{ ago: 59 }]);
  pass(MINUTE);
  expect(await busyMinutes(activity)).toEqual([]);
  activity.deliveryAnswered("chatio", "ignored");

  expect(await busyMinutes(activity)).toMatchObject([
    { ago: 0, deliveries: { accepted: 0, ignored: 1 }, reactions: null },
  ]);
});

/** What several servers share. */
function createSharing() {
  const kept = new Map<string, { server: string; minute: number; counts: JsonObject }>();
  return (server: string, startedAt: number): MinuteCounts => ({
    areKept: true,
    async write(minute, counts) {
      kept.set(`${minute} ${server}`, { server, minute, counts: JSON.parse(JSON.stringify(counts)) });
    },
    ofOthers: async (from) => ({
      counts: [...kept.values()].filter((one) => one.server !== server && one.minute >= from),
      since: startedAt,
    }),
  });
}

test("the hour is that of all servers, each of which shares what it has counted, and what is left when it stops", async () => {
  const share = createSharing();
  const one = createActivityAt(NOON, share("one", NOON - 60 * MINUTE));
  const other = createActivityAt(NOON, share("other", NOON - 60 * MINUTE));
  one.activity.deliveryAnswered("chatio", "accepted");
  for (const ms of [50, 52, 54]) other.activity.attemptEnded(acceptedAt(NOON - ms), "done", 1);
  other.activity.deliveryAnswered("chatio", "accepted");
  await other.activity.stop();
  expect(await busyMinutes(one.activity)).toMatchObject([
    { ago: 0, deliveries: { accepted: 2 }, reactions: { count: 3, medianMs: 52, p95Ms: 54 } },
  ]);
  expect((await one.activity.lastHour()).since).toBe(NOON - 60 * MINUTE);
});

test("counts of another server that cannot be read count for nothing", async () => {
  const share = createSharing();
  await share("odd", NOON).write(NOON / MINUTE, { deliveries: { accepted: -1 }, reactions: "many" });
  const { activity } = createActivityAt(NOON, share("one", NOON));
  expect(await busyMinutes(activity)).toEqual([]);
});
