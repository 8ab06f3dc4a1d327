import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { jobRow } from "../job-columns.ts";
import { type InboxDesk, JOB_STATES, type JobState } from "../store.ts";
import { type Commits, reading } from "./commits.ts";
import { createGroups } from "./groups.ts";
import { createJobLists } from "./job-lists.ts";
import { FROM_JOBS, FROM_SETTLED, recordOf } from "./job-records.ts";
import { NEXT_OF_LANE } from "./job-rows.ts";
import type { Turns } from "./turns.ts";

/** Between two batches, deliveries and jobs can use the database. */
const BATCH = 500;

/**
 * Attempts and age start again: an operator wants the job done, however old it is. One attempt stays counted: the next must
 * not look like a first attempt, before which nothing can have happened at the platform.
 */
const RETRY = `
  INSERT INTO jobs (key, platform, lane, quota, payload, progress, attempts, accepted_at, next_attempt_at, last_error, history,
    first_accepted_at, earlier_attempts, is_first)
  SELECT key, platform, lane, quota, payload, progress, 1, :now, :now, last_error, history,
         coalesce(first_accepted_at, accepted_at), earlier_attempts + attempts - 1,
         NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.lane = settled.lane)
  FROM settled WHERE key = :key AND state = 'dead'
  RETURNING platform, quota`;

const DEAD = `
  SELECT key FROM settled WHERE platform = :platform AND state = 'dead' ORDER BY settled_at, seq LIMIT :limit`;
const DROP = "DELETE FROM jobs WHERE key = ? AND state <> 'working' RETURNING lane, platform, quota";
const DROP_SETTLED = "DELETE FROM settled WHERE key = ?";
const COUNT = `
  SELECT state, sum(jobs) AS jobs FROM job_counts WHERE ?1 IS NULL OR platform = ?1 GROUP BY state`;
const COUNT_UNSETTLED = `
  SELECT platform, sum(jobs) AS jobs FROM job_counts WHERE state IN ('waiting', 'working') GROUP BY platform`;
/** Counts a lane by its first job, which is waiting (these have an index by quota) or in hand (these are few). */
const COUNT_LANES = `
  SELECT count(*) AS lanes FROM (
    SELECT 1 FROM jobs WHERE quota = ?1 AND state = 'waiting' AND is_first = 1
    UNION ALL SELECT 1 FROM jobs INDEXED BY jobs_leased WHERE state = 'working' AND quota = ?1
    LIMIT ?2)`;
/** Jobs are numbered in the order in which they were accepted. */
const OLDEST = "SELECT accepted_at FROM jobs WHERE state = 'waiting' ORDER BY seq LIMIT 1";

const droppedRow = z.object({ lane: z.string() });
const keyRow = z.object({ key: z.string() });
const countRow = z.object({ state: z.enum(JOB_STATES), jobs: z.number() });
const unsettledRow = z.object({ platform: jobRow.shape.platform, jobs: z.number() });
const lanesRow = z.object({ lanes: z.number() });
const oldestRow = z.object({ accepted_at: z.number() });

export function createDesk(db: DatabaseSync, commits: Commits, turns: Turns): InboxDesk {
  const groups = createGroups(db);
  const list = createJobLists(db, groups);
  const find = db.prepare(`${FROM_JOBS} WHERE key = ?1 UNION ALL ${FROM_SETTLED} WHERE key = ?1`);
  const retry = db.prepare(RETRY);
  const dead = db.prepare(DEAD);
  const drop = db.prepare(DROP);
  const dropSettled = db.prepare(DROP_SETTLED);
  const nextOfLane = db.prepare(NEXT_OF_LANE);
  const count = db.prepare(COUNT);
  const countUnsettled = db.prepare(COUNT_UNSETTLED);
  const countLanes = db.prepare(COUNT_LANES);
  const oldest = db.prepare(OLDEST);

  function retryOne(key: string): boolean {
    const rows = retry.all({ key, now: Date.now() });
    if (rows.length === 0) return false;
    dropSettled.run(key);
    turns.allChanged(rows);
    return true;
  }

  function dropOne(key: string): boolean {
    const row = drop.get(key);
    if (row === undefined) return dropSettled.run(key).changes === 1;
    const { lane } = droppedRow.parse(row);
    turns.allChanged([row, ...nextOfLane.all({ lane })]);
    return true;
  }

  async function retryDeadOf(platform: string): Promise<number> {
    let all = 0;
    for (;;) {
      const retried = await commits.write(
        () => dead.all({ platform, limit: BATCH }).filter((row) => retryOne(keyRow.parse(row).key)).length,
      );
      all += retried;
      if (retried < BATCH) return all;
    }
  }

  return {
    countByState: async (platform) =>
      reading(() => {
        const counts: Record<JobState, number> = { waiting: 0, working: 0, done: 0, dead: 0 };
        for (const row of count.all(platform ?? null)) {
          const { state, jobs } = countRow.parse(row);
          counts[state] = jobs;
        }
        return counts;
      }),
    countUnsettled: async () =>
      reading(() => {
        const counts = countUnsettled.all().map((row) => unsettledRow.parse(row));
        return Object.fromEntries(counts.map(({ platform, jobs }) => [platform, jobs]));
      }),
    countUnsettledLanes: async (quota, atMost) =>
      reading(() => lanesRow.parse(countLanes.get(quota, atMost)).lanes),
    longestWaitMs: async () =>
      reading(() => {
        const row = oldest.get();
        return row === undefined ? null : Math.max(Date.now() - oldestRow.parse(row).accepted_at, 0);
      }),
    list: async (filter) => reading(() => list(filter)),
    find: async (key) =>
      reading(() => {
        const row = find.get(key);
        return row === undefined ? null : recordOf(row);
      }),
    retry: (key) => commits.write(() => retryOne(key)),
    async retryAllDead() {
      const platforms = await commits.write(() => groups.settled().filter(({ state }) => state === "dead"));
      let all = 0;
      for (const { platform } of platforms) all += await retryDeadOf(platform);
      return all;
    },
    drop: (key) => commits.write(() => dropOne(key)),
  };
}
