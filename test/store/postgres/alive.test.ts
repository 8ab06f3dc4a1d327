import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openPostgresServerStore } from "../../../src/store/postgres/index.ts";
import type { Store } from "../../../src/store/store.ts";
import { stopClock } from "../../support/clock.ts";
import { aJob } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { hasPostgres, newPostgresUrl, openTestPostgres, withClient } from "../../support/postgres.ts";
import { claimedKeys, claimOne, DONE } from "../in-hand.ts";

/** Two servers on one database, both alive for a minute; the clock stands. */
async function twoServers(): Promise<{ url: string; one: Store; other: Store }> {
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
  const [one, other] = [await open(), await open()];
  await withClient(url, (client) =>
    client.query("UPDATE chatops.servers SET alive_since = alive_since - 60000"),
  );
  onTestFinished(async () => {
    for (const { close } of [one, other]) await close();
  });
  return { url, one, other };
}

/** As if it had last said so 20 seconds ago. */
function beatLongAgo(url: string, { servers }: Store): Promise<unknown> {
  return withClient(url, (client) =>
    client.query("UPDATE chatops.servers SET beat_at = beat_at - 20000 WHERE name = $1", [servers.own]),
  );
}

describe.skipIf(!hasPostgres())("a server counts as dead, since it could not say that it is alive,", () => {
  test("and its jobs go to others", async () => {
    const { url, one, other } = await twoServers();
    const job = aJob();
    await one.inbox.accept([job]);
    await claimOne(one.inbox, { owner: one.servers.own });
    await beatLongAgo(url, one);
    expect(await claimedKeys(other.inbox, { owner: other.servers.own })).toEqual([job.key]);
  });

  test("until it claims: what it has claimed then is not taken from it", async () => {
    const { url, one, other } = await twoServers();
    const job = aJob();
    await one.inbox.accept([job]);
    await beatLongAgo(url, one);
    expect(await claimedKeys(one.inbox, { owner: one.servers.own })).toEqual([job.key]);
    expect(await claimedKeys(other.inbox, { owner: other.servers.own })).toEqual([]);
  });
});

describe.skipIf(!hasPostgres())("a server stops", () => {
  test("and could not give back a job: others take it once the server counts as dead", async () => {
    const { url, one: leaving, other } = await twoServers();
    const job = aJob();
    await other.inbox.accept([job]);
    await claimOne(leaving.inbox, { owner: leaving.servers.own });
    await leaving.close();
    await beatLongAgo(url, leaving);
    expect(await claimedKeys(other.inbox, { owner: other.servers.own })).toEqual([job.key]);
  });

  test("with nothing in hand: it is no longer in the list of servers", async () => {
    const { one: leaving, other } = await twoServers();
    await other.inbox.accept([aJob()]);
    await leaving.inbox.settle(await claimOne(leaving.inbox, { owner: leaving.servers.own }), DONE, {});
    await leaving.close();
    expect(await other.servers.list()).toMatchObject([{ name: other.servers.own }]);
  });
});
