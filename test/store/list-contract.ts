import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { NewJob } from "../../src/job.ts";
import type { JobFilter, JobRecord, Store } from "../../src/store/store.ts";
import { stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { claimOne, DEAD, DONE, keysOf } from "./in-hand.ts";

type End = "waiting" | "working" | "done" | "dead";

/** Accepts a job, lets it come to this end, and moves the clock on. */
async function bring({ inbox }: Store, key: string, end: End, overrides: Partial<NewJob> = {}) {
  await inbox.accept([aJob({ key, ...overrides })]);
  vi.advanceTimersByTime(10);
  if (end === "waiting") return;
  const job = await claimOne(inbox, { owner: "worker-1" });
  if (end === "working") return;
  vi.advanceTimersByTime(10);
  await inbox.settle(job, end === "done" ? DONE : DEAD, {});
}

const LICENSE = { platform: "chatio", quota: "chatio:1520" };
const OTHER = { platform: "chatio", quota: "chatio:1521" };

/** Two licenses of chat.io and Webex, with jobs in every state; those that wait come last, since they are due. */
async function withJobs(store: Store): Promise<Store> {
  stopClock();
  await bring(store, "w1", "done");
  await bring(store, "c1", "dead", LICENSE);
  await bring(store, "o1", "done", OTHER);
  await bring(store, "c2", "done", LICENSE);
  await bring(store, "w2", "dead");
  await bring(store, "c3", "working", LICENSE);
  await bring(store, "o2", "waiting", OTHER);
  await store.inbox.accept([aJob({ key: "w3" })]);
  return store;
}

export function listContract(fresh: () => Promise<Store>): void {
  async function listing() {
    const { desk } = await withJobs(await fresh());
    return async (filter: Partial<JobFilter>) =>
      keysOf(await desk.list({ state: null, limit: 100, ...filter })).join(" ");
  }

  test("unsettled jobs come first, the last accepted before others; then settled ones, the last settled first", async () => {
    const store = await fresh();
    stopClock();
    const { inbox, desk } = store;
    await inbox.accept([aJob({ key: "slow" })]);
    const slow = await claimOne(inbox, { owner: "worker-1" });
    await bring(store, "quick", "done");
    const list = async () => keysOf(await desk.list({ state: null, limit: 9 }));
    expect(await list()).toEqual(["slow", "quick"]);
    vi.advanceTimersByTime(10);
    await inbox.settle(slow, DEAD, {});
    await inbox.accept([aJob({ key: "a" }), aJob({ key: "b" })]);
    expect(await list()).toEqual(["b", "a", "slow", "quick"]);
  });

  test("of one platform, of one or several quotas, each in any state", async () => {
    const list = await listing();
    expect(await list({})).toBe("w3 o2 c3 w2 c2 o1 c1 w1");
    expect(await list({ of: { platform: "chatio" } })).toBe("o2 c3 c2 o1 c1");
    expect(await list({ of: { platform: "webex" } })).toBe("w3 w2 w1");
    expect(await list({ of: { quotas: ["chatio:1520"] } })).toBe("c3 c2 c1");
    expect(await list({ of: { quotas: ["chatio:1520", "webex"] } })).toBe("w3 c3 w2 c2 c1 w1");
    expect(await list({ of: { platform: "unheard-of" } })).toBe("");
    expect(await list({ of: { quotas: [] } })).toBe("");

    expect(await list({ state: "waiting", of: { platform: "chatio" } })).toBe("o2");
    expect(await list({ state: "waiting", of: { quotas: ["chatio:1520"] } })).toBe("");
    expect(await list({ state: "working", of: { quotas: ["chatio:1520"] } })).toBe("c3");
    expect(await list({ state: "done", of: { platform: "chatio" } })).toBe("c2 o1");
    expect(await list({ state: "dead", of: { quotas: ["chatio:1520", "webex"] } })).toBe("w2 c1");
    expect(await list({ state: "dead", of: { platform: "chatio" }, limit: 1 })).toBe("c1");
  });

  test("page by page in both directions, each job once, whatever the filter and the length of a page", async () => {
    const { desk } = await withJobs(await fresh());
    const filters = fc.record({
      state: fc.constantFrom(null, "waiting", "working", "done", "dead"),
      of: fc.constantFrom(
        undefined,
        { platform: "chatio" },
        { quotas: ["chatio:1520"] },
        { quotas: ["chatio:1521", "webex"] },
      ),
    });
    const page = async (
      { state, of }: { state: JobFilter["state"]; of: JobFilter["of"] },
      more: Partial<JobFilter>,
    ) => desk.list({ state, ...(of && { of }), limit: 100, ...more });

    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 4 }), async (filter, limit) => {
        const all = await page(filter, {});
        const forth: JobRecord[] = [];
        while (forth.length <= all.length) {
          const last = forth.at(-1);
          const next = await page(filter, { limit, ...(last && { from: { olderThan: last.position } }) });
          if (next.length === 0) break;
          forth.push(...next);
        }
        expect(forth).toEqual(all);
        const back: JobRecord[] = all.slice(-1);
        while (back.length <= all.length) {
          const [first] = back;
          const next = first ? await page(filter, { limit, from: { newerThan: first.position } }) : [];
          if (next.length === 0) break;
          back.unshift(...next);
        }
        expect(back).toEqual(all);
      }),
      { numRuns: 60 },
    );
  });

  test("settled within one millisecond, they still have an order", async () => {
    stopClock();
    const { inbox, desk } = await fresh();
    for (const key of ["a", "b", "c"]) {
      await inbox.accept([aJob({ key })]);
      await inbox.settle(await claimOne(inbox), DONE, {});
    }
    const [first] = await desk.list({ state: "done", limit: 1 });
    expect(first?.key).toBe("c");
    const from = { olderThan: first?.position ?? "" };
    expect(keysOf(await desk.list({ state: "done", limit: 9, from }))).toEqual(["b", "a"]);
  });

  test.each(["", "nonsense", "-1", "1e3", "9".repeat(40), "1-", "' OR 1=1"])(
    "a position that is none, %j, is ignored",
    async (position) => {
      const list = await listing();
      const all = await list({});
      expect(await list({ from: { olderThan: position } })).toBe(all);
      expect(await list({ from: { newerThan: position } })).toBe(all);
    },
  );

  test("jobs are counted by state, all or of a platform", async () => {
    const { desk } = await withJobs(await fresh());
    expect(await desk.countByState()).toEqual({ waiting: 2, working: 1, done: 3, dead: 2 });
    expect(await desk.countByState("webex")).toEqual({ waiting: 1, working: 0, done: 1, dead: 1 });
    expect(await desk.countByState("unheard-of")).toEqual({ waiting: 0, working: 0, done: 0, dead: 0 });
  });

  test("all dead jobs are retried, and old ones deleted, of every platform", async () => {
    const { inbox, desk } = await withJobs(await fresh());
    expect(await desk.retryAllDead()).toBe(2);
    expect(await desk.countByState()).toMatchObject({ dead: 0, waiting: 4 });
    expect(await inbox.prune(-1, 2)).toBe(2);
    expect(await inbox.prune(-1, 2)).toBe(1);
    expect(await desk.countByState()).toMatchObject({ done: 0 });
  });
}
