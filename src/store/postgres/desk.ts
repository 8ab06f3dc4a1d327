import { z } from "zod";
import { type InboxDesk, JOB_STATES, type JobState } from "../store.ts";
import { reading, writing } from "./commits.ts";
import type { Connections, Query } from "./connections.ts";
import { hashOf, lockOf } from "./hashes.ts";
import { listJobs } from "./job-lists.ts";
import { RECORDS, recordOf } from "./job-records.ts";
import { NEXT_OF_LANE } from "./job-rows.ts";
import { addTurns } from "./turns.ts";

/** Between two batches, deliveries and jobs can use the database. */
const BATCH = 500;

const FIND = `${RECORDS} WHERE key_hash = $1`;

/**
 * Attempts and age start again: an operator wants the job done, however old it is. One attempt stays counted: the next must
 * not look like a first attempt, before which nothing can have happened at the platform.
 */
const RETRY = `
  UPDATE chatops.jobs AS job SET
    first_accepted_at = coalesce(first_accepted_at, accepted_at), earlier_attempts = earlier_attempts + attempts - 1,
    seq = DEFAULT, state = 'waiting', attempts = 1, accepted_at = chatops.now_ms(), next_attempt_at = chatops.now_ms(),
    settled_at = NULL, outcome = NULL, lease = NULL,
    is_first = NOT EXISTS (
      SELECT FROM chatops.jobs j WHERE j.lane_hash = job.lane_hash AND j.state IN ('waiting', 'working'))
  WHERE key_hash = $1 AND state = 'dead'
  RETURNING platform, quota, next_attempt_at AS turn`;

const DEAD = "SELECT key, lane FROM chatops.jobs WHERE state = 'dead' ORDER BY settled_at, seq LIMIT $1";
const LANE = "SELECT key, lane FROM chatops.jobs WHERE key_hash = $1";
const DROP = "DELETE FROM chatops.jobs WHERE key_hash = $1 AND state <> 'working' RETURNING seq";
const COUNT = `
  SELECT state, sum(jobs)::bigint AS jobs FROM chatops.job_counts
  WHERE $1::text IS NULL OR platform = $1 GROUP BY state`;
const COUNT_UNSETTLED = `
  SELECT platform, sum(jobs)::bigint AS jobs FROM chatops.job_counts
  WHERE state IN ('waiting', 'working') GROUP BY platform HAVING sum(jobs) <> 0`;
/** Counts a lane by its first job, which is waiting (these have an index by quota) or in hand (these are few). */
const COUNT_LANES = `
  SELECT count(*) AS lanes FROM (
    (SELECT 1 FROM chatops.jobs WHERE quota = $1 AND state = 'waiting' AND is_first LIMIT $2)
    UNION ALL (SELECT 1 FROM chatops.jobs WHERE state = 'working' AND quota = $1 LIMIT $2)
    LIMIT $2) AS lanes`;
/** Jobs are numbered in the order in which they were accepted. */
const OLDEST = `
  SELECT chatops.now_ms() - accepted_at AS ms FROM chatops.jobs WHERE state = 'waiting' ORDER BY seq LIMIT 1`;

const keyRow = z.object({ key: z.string(), lane: z.string() });
const turnRow = z.object({ platform: z.string(), quota: z.string(), turn: z.number() });
const countRow = z.object({ state: z.enum(JOB_STATES), jobs: z.number() });
const unsettledRow = z.object({ platform: z.string(), jobs: z.number() });
const lanesRow = z.object({ lanes: z.number() });
const oldestRow = z.object({ ms: z.number() });

export function createDesk({ query, transaction }: Pick<Connections, "query" | "transaction">): InboxDesk {
  /** Of these jobs, all dead; returns how many there were. */
  async function retryAll(jobs: readonly z.infer<typeof keyRow>[]): Promise<number> {
    const locks = jobs.map(({ lane }) => lockOf(lane));
    return transaction({ locks }, async (inside) => {
      let retried = 0;
      for (const { key } of jobs) retried += await retryOne(inside, key);
      return retried;
    });
  }

  async function retryOne(inside: Query, key: string): Promise<number> {
    const rows = await inside(RETRY, [hashOf(key)]);
    await addTurns(
      inside,
      rows.map((row) => turnRow.parse(row)),
    );
    return rows.length;
  }

  async function dropOne(key: string): Promise<boolean> {
    const [found] = await query(LANE, [hashOf(key)]);
    if (found === undefined) return false;
    const { lane } = keyRow.parse(found);
    return transaction({ locks: [lockOf(lane)] }, async (inside) => {
      const dropped = await inside(DROP, [hashOf(key)]);
      const heads = await inside(NEXT_OF_LANE, [hashOf(lane)]);
      await addTurns(
        inside,
        heads.map((row) => turnRow.parse(row)),
      );
      return dropped.length === 1;
    });
  }

  return {
    countByState: (platform) =>
      reading(async () => {
        const counts: Record<JobState, number> = { waiting: 0, working: 0, done: 0, dead: 0 };
        for (const row of await query(COUNT, [platform ?? null])) {
          const { state, jobs } = countRow.parse(row);
          counts[state] = jobs;
        }
        return counts;
      }),
    countUnsettled: () =>
      reading(async () => {
        const rows = await query(COUNT_UNSETTLED, []);
        const counts = rows.map((row) => unsettledRow.parse(row));
        return Object.fromEntries(counts.map(({ platform, jobs }) => [platform, jobs]));
      }),
    countUnsettledLanes: (quota, atMost) =>
      reading(async () => lanesRow.parse((await query(COUNT_LANES, [quota, atMost]))[0]).lanes),
    longestWaitMs: () =>
      reading(async () => {
        const [row] = await query(OLDEST, []);
        return row === undefined ? null : Math.max(oldestRow.parse(row).ms, 0);
      }),
    list: (filter) => reading(() => listJobs(query, filter)),
    find: (key) =>
      reading(async () => {
        const [row] = await query(FIND, [hashOf(key)]);
        return row === undefined ? null : recordOf(row);
      }),
    retry: (key) =>
      writing(async () => {
        const rows = await query(LANE, [hashOf(key)]);
        return (await retryAll(rows.map((row) => keyRow.parse(row)))) === 1;
      }),
    retryAllDead: () =>
      writing(async () => {
        let all = 0;
        for (;;) {
          const dead = (await query(DEAD, [BATCH])).map((row) => keyRow.parse(row));
          if (dead.length > 0) all += await retryAll(dead);
          if (dead.length < BATCH) return all;
        }
      }),
    drop: (key) => writing(() => dropOne(key)),
  };
}
