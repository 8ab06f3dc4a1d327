import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import type { Inbox } from "../../../src/store/store.ts";
import { stopClock } from "../../support/clock.ts";
import { aJob } from "../../support/jobs.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";
import { claim, claimedKeys, claimOne, waiting } from "../in-hand.ts";

const TWO_HOURS_MS = 7_200_000;

/**
 * The clock was set back by two hours. Of the two jobs, one waits for its next attempt, the other for the end of its
 * quota's pause. A second connection lets the keeping of the job "bad" fail in the given way, until it is repaired.
 */
async function afterSettingBack(failure: "ABORT" | "ROLLBACK") {
  stopClock();
  const path = join(temporaryFolder(), "test.db");
  const { inbox, holds } = openTestStore(path);
  const [retried, held] = [aJob(), aJob({ quota: "webex-held" })];
  await inbox.accept([retried]);
  await inbox.settle(await claimOne(inbox), waiting(30_000), {});
  await inbox.accept([held]);
  await holds.hold(held.quota, "asked", 30_000);
  const other = new DatabaseSync(path);
  onTestFinished(() => other.close());
  other.exec(`
    CREATE TRIGGER fails BEFORE INSERT ON jobs WHEN NEW.key = 'bad' BEGIN SELECT RAISE(${failure}, 'full'); END`);
  vi.setSystemTime(Date.now() - TWO_HOURS_MS);
  return { inbox, retried, held, repair: () => other.exec("DROP TRIGGER fails") };
}

/** Does the work in one commit with a write that fails. */
async function besideFailure<T>(inbox: Inbox, work: () => Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome, failure] = await Promise.allSettled([work(), inbox.accept([aJob({ key: "bad" })])]);
  expect(failure).toMatchObject({ status: "rejected", reason: expect.any(StoreError) });
  return outcome;
}

test("after the clock was set back, a claim beside a write that fails leaves nothing waiting for the old time", async () => {
  const { inbox, retried, held } = await afterSettingBack("ABORT");
  const claimed = await besideFailure(inbox, () => claimedKeys(inbox));
  expect(claimed).toEqual({ status: "fulfilled", value: [retried.key] });
  vi.advanceTimersByTime(30_000);
  expect(await claimedKeys(inbox)).toEqual([held.key]);
});

const IN_VAIN: Record<string, (inbox: Inbox) => Promise<unknown>> = {
  "a claim": claim,
  "a start": (inbox) => inbox.recover(),
};

test.each(Object.entries(IN_VAIN))(
  "after the clock was set back, %s that could not be kept leaves nothing waiting for the old time",
  async (_what, work) => {
    const { inbox, retried, held, repair } = await afterSettingBack("ROLLBACK");
    expect(await besideFailure(inbox, () => work(inbox))).toMatchObject({ status: "rejected" });
    repair();
    expect(await claimedKeys(inbox)).toEqual([retried.key]);
    vi.advanceTimersByTime(30_000);
    expect(await claimedKeys(inbox)).toEqual([held.key]);
  },
);

test("a clock that is set back during a claim is noticed by the next one", async () => {
  stopClock();
  const { inbox } = openTestStore();
  const [retried, due] = [aJob(), aJob()];
  await inbox.accept([retried]);
  await inbox.settle(await claimOne(inbox), waiting(30_000), {});
  await inbox.accept([due]);
  const earlier = Date.now() - TWO_HOURS_MS;
  // The claim asks this within its commit.
  const roomFor = () => {
    vi.setSystemTime(earlier);
    return 0;
  };
  expect(await claimedKeys(inbox, { roomFor })).toEqual([]);
  expect((await claimedKeys(inbox)).sort()).toEqual([retried.key, due.key].sort());
});
