import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openPostgresServerStore } from "../../../src/store/postgres/index.ts";
import type { Store } from "../../../src/store/store.ts";
import { stopClock } from "../../support/clock.ts";
import { aJob } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { hasPostgres, newPostgresUrl, openTestPostgres } from "../../support/postgres.ts";
import { claimedKeys, claimOne, DONE } from "../in-hand.ts";

/** Two servers on one database; the clock stands. */
async function twoServers(): Promise<[Store, Store]> {
  stopClock();
  const url = newPostgresUrl();
  await openTestPostgres(url);
  const open = () =>
    openPostgresServerStore({
      url,
      log: createLogSink().log,
      encryptionSecretsOf: () => [],
      clock: () => (vi.isFakeTimers() ? Date.now() : null),
    });
  const servers: [Store, Store] = [await open(), await open()];
  onTestFinished(async () => {
    for (const { close } of servers) await close();
  });
  return servers;
}

describe.skipIf(!hasPostgres())("a server stops", () => {
  test("and could not give back a job: others take it once the server counts as dead", async () => {
    const [leaving, other] = await twoServers();
    const job = aJob();
    await other.inbox.accept([job]);
    await claimOne(leaving.inbox, { owner: leaving.servers.own });
    await leaving.close();
    vi.advanceTimersByTime(16_000);
    expect(await claimedKeys(other.inbox, { owner: other.servers.own })).toEqual([job.key]);
  });

  test("with nothing in hand: it is no longer in the list of servers", async () => {
    const [leaving, other] = await twoServers();
    await other.inbox.accept([aJob()]);
    await leaving.inbox.settle(await claimOne(leaving.inbox, { owner: leaving.servers.own }), DONE, {});
    await leaving.close();
    expect(await other.servers.list()).toMatchObject([{ name: other.servers.own }]);
  });
});
