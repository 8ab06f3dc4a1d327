import { describe, expect, test, vi } from "vitest";
import { createFailingWatch } from "../../src/health/failing.ts";
import type { CallReport } from "../../src/http/http.ts";
import { stopClock } from "../support/clock.ts";

function aCall(outcome: string, overrides: Partial<CallReport> = {}): CallReport {
  const isRefusal = ["401", "403", "404", "429"].includes(outcome);
  return {
    name: "send_event",
    quota: "chatio:1",
    outcome,
    isRefusal,
    ms: 0,
    platformTime: null,
    ...overrides,
  };
}

function watchCalls() {
  stopClock();
  const watch = createFailingWatch();
  const call = (outcome: string, overrides: Partial<CallReport> = {}) =>
    watch.callEnded("chatio", aCall(outcome, overrides));
  return {
    watch,
    call,
    /** The same call at the beginning and at the end of so many ms. */
    async callsFor(ms: number, outcome: string, overrides: Partial<CallReport> = {}) {
      call(outcome, overrides);
      await vi.advanceTimersByTimeAsync(ms);
      call(outcome, overrides);
    },
    failing: () => watch.outages().map(({ platform, quota }) => quota ?? platform),
  };
}

describe("a platform is failing", () => {
  test("once all its calls have failed for 30 seconds, and no sooner", async () => {
    const { watch, callsFor, failing } = watchCalls();
    const since = Date.now();
    await callsFor(29_999, "503");
    expect(failing()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(watch.outages()).toMatchObject([
      { platform: "chatio", quota: null, since, lastedMs: 30_000, outcome: "503" },
    ]);
  });

  test("since its first failed call was made, not since that call ended", async () => {
    const { watch, callsFor } = watchCalls();
    await callsFor(15_000, "no_answer", { ms: 15_000 });
    expect(watch.outages()).toMatchObject([{ lastedMs: 30_000, outcome: "no answer" }]);
  });

  test.each<[string, string, Partial<CallReport>, boolean]>([
    ["no answer", "no_answer", {}, true],
    ["a server error", "500", {}, true],
    ["a platform that is away", "503", {}, true],
    ["too many requests", "429", {}, true],
    ["a token that is refused", "401", {}, true],
    ["calls without a quota", "503", { quota: null }, true],
    ["a 401 of a gateway", "401", { isRefusal: false }, false],
    ["a gateway's page", "404", { isRefusal: false }, false],
    ["a redirect", "302", { isRefusal: false }, false],
    ["a refusal", "403", { isRefusal: true }, false],
    ["what is not there", "404", { isRefusal: true }, false],
  ])("by %s (%s, %o): %s", async (_what, outcome, overrides, isFailing) => {
    const { callsFor, failing } = watchCalls();
    await callsFor(30_000, outcome, overrides);
    expect(failing()).toEqual(isFailing ? ["chatio"] : []);
  });

  test("not because of one call that was not repeated", async () => {
    const { call, failing } = watchCalls();
    call("503");
    await vi.advanceTimersByTimeAsync(40_000);
    expect(failing()).toEqual([]);
  });

  test("no longer once a call was answered, even with a refusal; a gateway's answer does not count", async () => {
    const { call, callsFor, failing } = watchCalls();
    await callsFor(30_000, "503");
    call("404", { isRefusal: false });
    expect(failing()).toEqual(["chatio"]);
    call("404");
    expect(failing()).toEqual([]);
  });

  test("no longer after 15 minutes without a call", async () => {
    const { callsFor, failing } = watchCalls();
    await callsFor(30_000, "503");
    await vi.advanceTimersByTimeAsync(900_000);
    expect(failing()).toEqual(["chatio"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(failing()).toEqual([]);
  });
});

describe("a license is failing", () => {
  test("alone, while another one works", async () => {
    const { call, callsFor, failing } = watchCalls();
    await callsFor(30_000, "503");
    call("200", { quota: "chatio:2" });
    await callsFor(29_999, "503");
    call("200", { quota: "chatio:2" });
    await callsFor(1, "503");
    expect(failing()).toEqual(["chatio:1"]);
  });

  test("not because its platform was: after that it has 30 seconds of its own", async () => {
    const { call, callsFor, failing } = watchCalls();
    await Promise.all([callsFor(60_000, "503"), callsFor(60_000, "503", { quota: "chatio:2" })]);
    expect(failing()).toEqual(["chatio"]);
    call("200", { quota: "chatio:2" });
    call("503");
    expect(failing()).toEqual([]);
  });
});

describe("a failed attempt is worth a warning", () => {
  const job = { platform: "chatio", quota: "chatio:1" } as const;

  test("five times in a row of failures, and again after a success", () => {
    const { watch, call } = watchCalls();
    const attempt = () => {
      call("503");
      return watch.isWorthWarning(job);
    };
    expect(Array.from({ length: 7 }, attempt)).toEqual([true, true, true, true, true, false, false]);
    call("200");
    expect(attempt()).toBe(true);
  });

  test("not while its license or its platform is failing", async () => {
    const { watch, call, callsFor } = watchCalls();
    await callsFor(30_000, "503");
    expect(watch.isWorthWarning(job)).toBe(false);
    expect(watch.isWorthWarning({ ...job, quota: "chatio:2" })).toBe(false);
    expect(watch.isWorthWarning({ platform: "webex", quota: "webex" })).toBe(true);
    call("200");
    expect(watch.isWorthWarning(job)).toBe(true);
  });

  test("if it was not the platform's fault", () => {
    const { watch } = watchCalls();
    expect(Array.from({ length: 9 }, () => watch.isWorthWarning(job))).toEqual(Array(9).fill(true));
  });
});
