import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { CallReport } from "../../src/http/http.ts";
import { attemptCalls, recordCalls } from "../../src/work/attempt-calls.ts";

function ended(name: string, overrides: Partial<CallReport> = {}): void {
  const call = { name, quota: "webex", outcome: "200", isRefusal: false, ms: 5, platformTime: null };
  attemptCalls.callEnded("webex", { ...call, ...overrides });
}

describe("an attempt", () => {
  test("has its own calls, in the order in which they ended, however many attempts run at once", async () => {
    const attempts = ["a", "b"].map((name) =>
      recordCalls(async () => {
        ended(`${name} first`);
        await setImmediate();
        ended(`${name} second`, { outcome: "503", ms: 1240 });
        await setImmediate();
        ended(`${name} third`, { outcome: "no_answer" });
      }),
    );
    await Promise.all(attempts.map(({ done }) => done));
    expect(attempts.map(({ calls }) => calls())).toEqual(
      ["a", "b"].map((name) => ({
        last: [
          { name: `${name} first`, ms: 5, status: 200 },
          { name: `${name} second`, ms: 1240, status: 503 },
          { name: `${name} third`, ms: 5, status: null },
        ],
        before: 0,
      })),
    );
  });

  test("keeps the last 12 calls, the failure among them, and counts those before", async () => {
    const { done, calls } = recordCalls(async () => {
      for (let number = 1; number <= 15; number += 1) ended(`call ${number}`);
      throw new Error("the 15th failed");
    });
    await expect(done).rejects.toThrow("the 15th failed");
    const { last, before } = calls();
    expect(last.map(({ name }) => name)).toEqual(
      Array.from({ length: 12 }, (_, index) => `call ${index + 4}`),
    );
    expect(before).toBe(3);
  });
});

test("a call outside of any attempt belongs to none", async () => {
  const { done, calls } = recordCalls(async () => "nothing called");
  ended("GET /people/me");
  await done;
  expect(calls()).toEqual({ last: [], before: 0 });
});
