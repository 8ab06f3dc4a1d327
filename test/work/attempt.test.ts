import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LeaseLost, PlatformError, type PlatformErrorFacts, StoreError } from "../../src/errors.ts";
import type { Platform } from "../../src/platforms/platform.ts";
import type { ClaimedJob } from "../../src/store/store.ts";
import { attempt, backoffMs } from "../../src/work/attempt.ts";
import { attemptCalls } from "../../src/work/attempt-calls.ts";
import { claimOne } from "../store/in-hand.ts";
import { stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { openTestStore } from "../support/store.ts";
import { aPlatform } from "../support/worker.ts";

async function jobInHand(overrides: Partial<ClaimedJob> = {}) {
  const { inbox } = openTestStore();
  await inbox.accept([aJob()]);
  return { inbox, job: { ...(await claimOne(inbox)), ...overrides } };
}

async function attemptOnce(
  handle: Platform["handle"],
  overrides: Partial<ClaimedJob> = {},
  longestMs?: number,
) {
  const { inbox, job } = await jobInHand(overrides);
  return attempt(job, aPlatform(handle), inbox, () => 0, longestMs);
}

function failing(facts: PlatformErrorFacts): Platform["handle"] {
  return async () => {
    throw new PlatformError("It failed.", facts);
  };
}

test("a job that is done is settled with its outcome", async () => {
  expect(await attemptOnce(async () => "replied")).toEqual({
    settlement: { state: "done", outcome: "replied" },
    progress: {},
    calls: { last: [], before: 0 },
    verdict: "answered",
  });
});

test.each([
  ["is done", async () => "replied"],
  ["fails", () => Promise.reject(new PlatformError("It failed.", { retryable: true }))],
])("an attempt that %s tells of its calls", async (_how, end) => {
  const call = { name: "POST /messages", quota: "webex", isRefusal: false, platformTime: null };
  const { calls } = await attemptOnce(() => {
    attemptCalls.callEnded("webex", { ...call, outcome: "200", ms: 7 });
    return end();
  });
  expect(calls).toEqual({ last: [{ name: "POST /messages", ms: 7, status: 200 }], before: 0 });
});

test.each([
  ["one that may be retried waits, with the reason", { status: 503, retryable: true }, 125],
  [
    "the wait that a platform asks for is kept",
    { status: 429, retryable: true, retryAfterMs: 30_000 },
    30_013,
  ],
  [
    "for more than a minute, the quota is held, not the job",
    { status: 429, retryable: true, retryAfterMs: 3_600_000 },
    60_000,
  ],
  ["a final refusal ends the job at the first attempt", { status: 403, retryable: false }, null],
  ["so it does if the call had to succeed", { status: 403, retryable: false, mustSucceed: true }, null],
])("a job that fails: %s", async (_what, facts, afterMs) => {
  stopClock();
  const error = "It failed.";
  expect((await attemptOnce(failing(facts))).settlement).toEqual(
    afterMs === null ? { state: "dead", error } : { state: "waiting", error, afterMs },
  );
});

test("a bug of ours is retried like a retryable failure", async () => {
  const { settlement, verdict } = await attemptOnce(async () => {
    throw new TypeError("undefined is not a function");
  });
  expect(settlement).toMatchObject({ state: "waiting", error: "undefined is not a function" });
  expect(verdict).toBe("not_asked");
});

describe("the hundredth attempt", () => {
  const onIts = (attempts: number, facts: Partial<PlatformErrorFacts> = {}) =>
    attemptOnce(failing({ status: 503, retryable: true, ...facts }), { attempts });

  test("is the last, for a bug of ours too", async () => {
    expect((await onIts(99)).settlement).toMatchObject({ state: "waiting" });
    expect((await onIts(100)).settlement).toEqual({
      state: "dead",
      error: "Given up after 100 attempts: It failed.",
    });
    const bug = await attemptOnce(() => Promise.reject(new Error("Oops.")), { attempts: 100 });
    expect(bug.settlement).toEqual({ state: "dead", error: "Given up after 100 attempts: Oops." });
  });

  test("is not the last where tries are less than a minute apart: an outage is outlasted for as long", async () => {
    const handle = failing({ status: 503, retryable: true });
    const at = async (attempts: number) => (await attemptOnce(handle, { attempts }, 3000)).settlement?.state;
    expect([await at(100), await at(1999), await at(2000)]).toEqual(["waiting", "waiting", "dead"]);
  });

  test("is not the last for a call that must succeed", async () => {
    const { settlement } = await onIts(5000, { mustSucceed: true });
    expect(settlement).toMatchObject({ state: "waiting", error: "It failed." });
  });

  test("may still succeed", async () => {
    const { settlement } = await attemptOnce(async () => "replied", { attempts: 100 });
    expect(settlement).toEqual({ state: "done", outcome: "replied" });
  });
});

describe("progress", () => {
  test("is saved at once, and comes with the settlement", async () => {
    const { inbox, job } = await jobInHand();
    const platform = aPlatform(async (_job, save) => {
      await save({ joined: true });
      await inbox.recover();
      expect((await claimOne(inbox)).progress).toEqual({ joined: true });
      return "replied";
    });
    expect((await attempt(job, platform, inbox, () => 0)).progress).toEqual({ joined: true });
  });

  test("of earlier attempts is not lost when this one saves none", async () => {
    const { progress } = await attemptOnce(failing({ retryable: true }), { progress: { joined: true } });
    expect(progress).toEqual({ joined: true });
  });

  test("that the database could not save still comes with the settlement", async () => {
    const { inbox, job } = await jobInHand();
    const full = { ...inbox, saveProgress: () => Promise.reject(new StoreError("The disk is full.")) };
    const platform = aPlatform(async (_job, save) => {
      await save({ joined: true });
      return "never";
    });
    expect(await attempt(job, platform, full, () => 0)).toMatchObject({
      settlement: { state: "waiting", error: "The disk is full." },
      progress: { joined: true },
      verdict: "not_asked",
    });
  });
});

test("a job that is no longer ours is not settled", async () => {
  const { settlement } = await attemptOnce(() => Promise.reject(new LeaseLost("Taken.")));
  expect(settlement).toBeNull();
});

test.each([
  ["no answer", { status: null, retryable: true }, "failing"],
  ["a server error", { status: 500, retryable: true }, "failing"],
  ["a gateway in front of it", { status: 502, retryable: true }, "failing"],
  ["too many requests", { status: 429, retryable: true, retryAfterMs: 9000 }, "failing"],
  ["a failure before any call", { wasAsked: false, retryable: true }, "not_asked"],
  ["a final failure before any call", { wasAsked: false, retryable: false }, "not_asked"],
  ["one message that is locked", { status: 423, retryable: true, retryAfterMs: 9000 }, "answered"],
  ["a refusal", { status: 403, retryable: false }, "answered"],
  ["a final server error", { status: 500, retryable: false }, "answered"],
] as const)("%s, %j, says of the platform: %j", async (_what, facts, verdict) => {
  expect((await attemptOnce(failing(facts))).verdict).toEqual(verdict);
});

test.each([
  ["the database", new StoreError("The disk is full.")],
  ["a lost lease", new LeaseLost("Taken.")],
])("a failure of %s says nothing of the platform", async (_what, error) => {
  expect((await attemptOnce(() => Promise.reject(error))).verdict).toBe("not_asked");
});

describe("the wait before the next attempt", () => {
  const chance = () => fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test("doubles from a quarter of a second to a minute, and stays there", () => {
    const longest = (attempts: number) => backoffMs(attempts, null, () => 1);
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100].map(longest)).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ]);
  });

  test("is shortened at random, by half at most, so that jobs told to come back together differ", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), chance(), (attempts, random) => {
        const longest = backoffMs(attempts, null, () => 1);
        const pause = backoffMs(attempts, null, () => random);
        expect(pause).toBeGreaterThanOrEqual(Math.floor(longest / 2));
        expect(pause).toBeLessThanOrEqual(longest);
      }),
    );
    expect(backoffMs(3, null, () => 0)).toBe(500);
    expect(backoffMs(3, null, () => 0.5)).toBe(750);
    expect(backoffMs(1, 30_000, () => 0)).not.toBe(backoffMs(1, 30_000, () => 0.9));
  });

  test("is never less than the platform asked for, and not much more", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.nat(3_600_000),
        chance(),
        (attempts, asked, random) => {
          const pause = backoffMs(attempts, asked, () => random);
          expect(pause).toBeGreaterThanOrEqual(asked);
          expect(pause).toBeLessThanOrEqual(asked + 6000);
        },
      ),
    );
  });
});
