import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { openPostgresStore } from "../../../src/store/postgres/index.ts";
import type { Inbox } from "../../../src/store/store.ts";
import { aJob } from "../../support/jobs.ts";
import { hasPostgres, makeDatabase, newPostgresUrl, withClient } from "../../support/postgres.ts";
import { claim, DONE } from "../in-hand.ts";

const MANY = 20_000;
const BURST = 2000;
const ROUNDS = 10;

const readRow = z.object({ rows: z.string().transform(Number) });

/** So many that are settled, and as many that wait, each of this quota. */
const fillSql = (quota: string) => `
  INSERT INTO chatops.jobs (
    key, key_hash, platform, lane, lane_hash, quota, payload, state, is_first, accepted_at, next_attempt_at, settled_at)
  SELECT id, sha256(convert_to(id, 'UTF8')), 'chatio', id, sha256(convert_to(id, 'UTF8')), ${quota}, '{}', state, true, n, n,
    CASE WHEN state = 'done' THEN n END
  FROM generate_series(1, ${MANY}) AS n, unnest(ARRAY['done', 'waiting']) AS state, LATERAL (SELECT state || n AS id) AS named;
  INSERT INTO chatops.turns (platform, quota, turn)
  SELECT platform, quota, min(next_attempt_at) FROM chatops.jobs WHERE state = 'waiting' GROUP BY 1, 2;
  ANALYZE chatops.jobs, chatops.turns`;
const OTHERS = `
  SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`;
const ROWS_READ = `
  SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('jobs', 'turns'))
    + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname IN ('jobs', 'turns')) AS rows`;

/** Takes a job in, claims one and ends it, so often that PostgreSQL settles on a plan for each statement. */
async function work(inbox: Inbox): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    await inbox.accept([aJob()]);
    const [job] = await claim(inbox, { owner: "one", limit: 1 });
    if (job === undefined) throw new Error("A job was due.");
    await inbox.saveProgress(job, { joined: true });
    await inbox.settle(job, DONE, { joined: true });
    await inbox.nextDueInMs("one", ["chatio", "webex"]);
    await inbox.prune(60_000, 1);
  }
}

/** How many rows and entries of indexes the work reads of jobs and turns. */
async function readBy(url: string, work: (inbox: Inbox) => Promise<void>): Promise<number> {
  const before = await rowsRead(url);
  const store = await openPostgresStore({ url, encryptionSecretsOf: () => [] });
  await work(store.inbox);
  await store.close();
  return (await rowsRead(url)) - before;
}

/** PostgreSQL counts what a connection has read when that ends. */
async function rowsRead(url: string): Promise<number> {
  return withClient(url, async (client) => {
    await vi.waitFor(async () => {
      const { rows } = await client.query(OTHERS);
      expect(rows).toEqual([]);
    });
    const { rows } = await client.query(ROWS_READ);
    return readRow.parse(rows[0]).rows;
  });
}

describe.skipIf(!hasPostgres())("on PostgreSQL, what is read does not grow", () => {
  test("when a burst fills an empty database before PostgreSQL has any statistics", async () => {
    const url = newPostgresUrl();
    await makeDatabase(url);

    const read = await readBy(url, async (inbox) => {
      await work(inbox);
      await inbox.accept(Array.from({ length: BURST }, (_, n) => aJob({ lane: `lane-${n}` })));
      await work(inbox);
    });

    expect(read).toBeLessThan(2 * BURST);
  });

  test.each([
    ["that wait in one quota", "'one'"],
    ["of many quotas", "'quota-' || n % 5000"],
  ])("with the jobs that are settled, or %s", async (_which, quota) => {
    const url = newPostgresUrl();
    await makeDatabase(url);
    await withClient(url, (client) => client.query(fillSql(quota)));

    expect(await readBy(url, work)).toBeLessThan(MANY);
  });
});
