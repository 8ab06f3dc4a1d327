import { expect, test, vi } from "vitest";
import { type AttemptCalls, NO_CALLS, type Settlement, type Store } from "../../src/store/store.ts";
import { stopClock } from "../support/clock.ts";
import { aJob } from "../support/jobs.ts";
import { claimOne, DEAD, DONE, waiting } from "./in-hand.ts";

export function historyContract(fresh: () => Promise<Store>): void {
  async function attempt(
    { inbox }: Store,
    settlement: Settlement,
    tookMs = 0,
    calls?: AttemptCalls,
  ): Promise<void> {
    await inbox.settle(await claimOne(inbox), settlement, {}, tookMs, calls);
  }

  async function freshWith(key: string): Promise<Store> {
    const store = await fresh();
    await store.inbox.accept([aJob({ key })]);
    return store;
  }

  test("each with its start, duration and result, the oldest first", async () => {
    stopClock();
    const store = await freshWith("webex:a");
    const first = Date.now();
    expect((await store.desk.find("webex:a"))?.history).toEqual([]);
    vi.advanceTimersByTime(1500);
    await attempt(store, waiting(0), 1500.4);
    vi.advanceTimersByTime(3000);
    await attempt(store, DONE, 20);
    const [job] = await store.desk.list({ state: "done", limit: 1 });
    expect(job?.history).toEqual([
      { startedAt: first, ms: 1500, end: "waiting", says: "no answer", calls: NO_CALLS },
      { startedAt: first + 4480, ms: 20, end: "done", says: "replied", calls: NO_CALLS },
    ]);
  });

  test("the last 20", async () => {
    const store = await freshWith("webex:a");
    for (let number = 1; number <= 23; number += 1)
      await attempt(store, { state: "waiting", error: `failed ${number}`, afterMs: 0 });
    const history = (await store.desk.find("webex:a"))?.history ?? [];
    expect(history.map(({ says }) => says)).toEqual(
      Array.from({ length: 20 }, (_, index) => `failed ${index + 4}`),
    );
    await attempt(store, DEAD);
    expect((await store.desk.find("webex:a"))?.history).toHaveLength(20);
  });

  test("also after the job was retried", async () => {
    const store = await freshWith("webex:a");
    await attempt(store, DEAD, 7);
    await store.desk.retry("webex:a");
    expect((await store.desk.find("webex:a"))?.history).toMatchObject([{ ms: 7, end: "dead" }]);
    await attempt(store, DONE);
    expect((await store.desk.find("webex:a"))?.history.map(({ end }) => end)).toEqual(["dead", "done"]);
  });

  test("with sentences of a limited length, which are still valid text", async () => {
    const store = await freshWith("webex:a");
    await attempt(store, { state: "waiting", error: `x${"🍕".repeat(400)}`, afterMs: 0 });
    const job = await store.desk.find("webex:a");
    for (const sentence of [job?.lastError ?? "", job?.history[0]?.says ?? ""]) {
      expect(sentence).toHaveLength(500);
      expect(sentence).toMatch(/^x🍕.*…$/u);
      expect(sentence.isWellFormed()).toBe(true);
    }
    await attempt(store, { state: "done", outcome: "y".repeat(2000) });
    expect((await store.desk.find("webex:a"))?.outcome).toHaveLength(500);
  });

  test("with the calls of each, in their order, and how many came before those that are kept", async () => {
    const store = await freshWith("webex:a");
    const read = { name: "GET /messages/{id}", ms: 120, status: 200 };
    const failed = { name: "POST /messages", ms: 30_000, status: null };
    await attempt(store, waiting(0), 7, { last: [read, { ...failed, ms: 29_999.6 }], before: 0 });
    await attempt(store, waiting(0), 7);
    await attempt(store, DONE, 7, { last: [read], before: 3 });
    expect((await store.desk.find("webex:a"))?.history.map(({ calls }) => calls)).toEqual([
      { last: [read, failed], before: 0 },
      NO_CALLS,
      { last: [read], before: 3 },
    ]);
  });
}
