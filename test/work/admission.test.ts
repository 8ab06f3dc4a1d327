import { describe, expect, test, vi } from "vitest";
import type { PlatformName } from "../../src/job.ts";
import { type Admission, type Admitted, createAdmission, type Verdict } from "../../src/work/admission.ts";
import { stopClock } from "../support/clock.ts";

function anAdmission(platforms: PlatformName[] = ["chatio", "webex"], most = 64): Admission {
  stopClock();
  return createAdmission({ platforms, most });
}

/** Begins as many jobs of the quota as there is room for. */
function fill(admission: Admission, quota: string, platform: PlatformName = "chatio"): Admitted[] {
  const begun: Admitted[] = [];
  for (let tickets = 0; tickets < 1000; tickets += 1) {
    const ticket = admission.ticket();
    const most = ticket?.platforms.find(({ name }) => name === platform)?.most ?? 0;
    const room = Math.min(ticket?.limit ?? 0, most, ticket?.roomFor(platform, quota) ?? 0);
    if (room <= 0) break;
    const job = { platform, quota };
    admission.began(job);
    begun.push(job);
  }
  return begun;
}

function end(admission: Admission, jobs: readonly Admitted[], verdict: Verdict) {
  return jobs.flatMap((job) => admission.ended(job, verdict));
}

describe("room for others", () => {
  test("one platform with one tenant has all the room, sixteen jobs at a time", () => {
    const admission = anAdmission(["webex"]);
    expect(admission.ticket()?.limit).toBe(16);
    expect(fill(admission, "webex", "webex")).toHaveLength(64);
  });

  test("a platform leaves a quarter free, so that another can begin at once", () => {
    const admission = anAdmission();
    expect(fill(admission, "license-1")).toHaveLength(48);
    expect(fill(admission, "webex", "webex")).toHaveLength(16);
  });

  test("a license leaves eight more free as soon as there is another one", () => {
    const admission = anAdmission();
    end(admission, fill(admission, "license-2"), "answered");
    expect(fill(admission, "license-1")).toHaveLength(40);
    expect(fill(admission, "license-2")).toHaveLength(8);
  });
});

describe("calls that hang", () => {
  test("for two seconds take no more room from others, and no more of their quota is begun", () => {
    const admission = anAdmission();
    for (let n = 0; n < 80; n += 1) fill(admission, `license-${n}`);
    expect(admission.ticket()?.platforms.map(({ name }) => name)).toEqual(["webex"]);
    vi.advanceTimersByTime(2001);
    expect(fill(admission, "license-0")).toEqual([]);
    expect(fill(admission, "license-healthy").length).toBeGreaterThan(0);
    expect(fill(admission, "webex", "webex").length).toBeGreaterThan(0);
  });

  test("do not block a quota whose other calls are answered", () => {
    const admission = anAdmission();
    const [hanging, ...others] = fill(admission, "license-1");
    expect(hanging).toBeDefined();
    vi.advanceTimersByTime(2001);
    expect(fill(admission, "license-1")).toEqual([]);
    end(admission, others.slice(0, 1), "answered");
    expect(fill(admission, "license-1").length).toBeGreaterThan(0);
  });

  test("are limited in number", () => {
    const admission = anAdmission();
    let begun = 0;
    for (let n = 0; n < 3000; n += 1) {
      begun += fill(admission, `license-${n}`).length;
      vi.advanceTimersByTime(2001);
    }
    expect(begun).toBeLessThanOrEqual(512 + 48);
  });
});

describe("a quota whose jobs fail", () => {
  test("is halved with each failure, down to one job", () => {
    const room = [0, 1, 2, 3, 4, 5].map((failures) => {
      const admission = anAdmission(["webex"], 32);
      const jobs = fill(admission, "webex", "webex");
      end(admission, jobs.slice(0, failures), "failing");
      end(admission, jobs.slice(failures), "not_asked");
      return fill(admission, "webex", "webex").length;
    });
    expect(room).toEqual([32, 16, 8, 4, 2, 1]);
  });

  /** Fails until the limit is one, then this many times as a probe. Returns the pauses. */
  function probe(admission: Admission, times: number): number[] {
    // Jobs that began before cause no pause.
    expect(end(admission, fill(admission, "license-1"), "failing")).toEqual([]);
    return Array.from({ length: times }, () => {
      const [pause] = end(admission, fill(admission, "license-1"), "failing");
      expect(fill(admission, "license-1")).toEqual([]);
      vi.advanceTimersByTime(pause?.ms ?? 0);
      return pause?.ms ?? 0;
    });
  }

  test("pauses for one second, doubling to a minute, and is probed by one job after each pause", () => {
    const admission = anAdmission();
    expect(probe(admission, 8)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    expect(fill(admission, "license-1")).toHaveLength(1);
  });

  test("pauses no longer than it may", () => {
    stopClock();
    const admission = createAdmission({ platforms: ["chatio"], longestPauseMs: 3000 });
    expect(probe(admission, 4)).toEqual([1000, 2000, 3000, 3000]);
  });

  test("gets one more job with each success, and its pauses end with the first", () => {
    const admission = anAdmission();
    probe(admission, 3);
    const sizes = [1, 2, 3, 4].map((size) => {
      const jobs = fill(admission, "license-1");
      const pauses = end(admission, jobs.slice(0, 1), "answered");
      end(admission, jobs.slice(1), "not_asked");
      expect(pauses).toEqual(size === 1 ? [{ name: "license-1", ms: 0 }] : []);
      return jobs.length;
    });
    expect(sizes).toEqual([1, 2, 3, 4]);
  });

  test("does not affect another quota", () => {
    const admission = anAdmission();
    probe(admission, 5);
    expect(fill(admission, "license-2").length).toBeGreaterThanOrEqual(40);
  });

  test("is remembered after a restart: nothing before the pause is over, then one job", () => {
    const admission = anAdmission();
    admission.follow([{ name: "license-1", ms: 8000, pauseMs: 16_000 }]);
    expect(fill(admission, "license-1")).toEqual([]);
    vi.advanceTimersByTime(8000);
    const jobs = fill(admission, "license-1");
    expect(jobs).toHaveLength(1);
    expect(end(admission, jobs, "failing")).toEqual([{ name: "license-1", ms: 32_000 }]);
  });
});

describe("a platform that fails for all licenses", () => {
  /** This many licenses fail once each, for this many rounds. */
  function failAll(admission: Admission, licenses: number, rounds: number) {
    return Array.from({ length: rounds }, () =>
      Array.from({ length: licenses }, (_, n) => {
        const job: Admitted = { platform: "chatio", quota: `license-${n}` };
        admission.began(job);
        return admission.ended(job, "failing");
      }).flat(),
    ).flat();
  }

  test("pauses as a whole, so that its licenses are not probed one by one", () => {
    const admission = anAdmission();
    expect(failAll(admission, 20, 1)).toEqual([{ name: "platform chatio", ms: 1000 }]);
    expect(admission.ticket()?.platforms.map(({ name }) => name)).toEqual(["webex"]);
    expect(admission.nextOpeningMs()).toBe(1000);
    vi.advanceTimersByTime(1000);
    expect(fill(admission, "license-100")).toHaveLength(1);
    expect(fill(admission, "license-101")).toEqual([]);
  });

  test("resumes with the first success", () => {
    const admission = anAdmission();
    failAll(admission, 20, 1);
    vi.advanceTimersByTime(1000);
    expect(end(admission, fill(admission, "license-100"), "answered")).toEqual([
      { name: "platform chatio", ms: 0 },
    ]);
    expect(fill(admission, "license-100")).toHaveLength(2);
  });

  test("is not the same as one license that fails again and again", () => {
    const admission = anAdmission();
    const pauses = failAll(admission, 1, 100);
    expect(pauses.filter(({ name }) => name === "platform chatio")).toEqual([]);
    expect(fill(admission, "license-7").length).toBeGreaterThanOrEqual(40);
  });

  test("is not down if one call among the failures succeeds", () => {
    const admission = anAdmission();
    failAll(admission, 19, 1);
    end(admission, fill(admission, "license-healthy").slice(0, 1), "answered");
    expect(failAll(admission, 19, 1).filter(({ name }) => name === "platform chatio")).toEqual([]);
  });
});
