import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { type InboxDesk, JOB_STATES, type JobRecord, type JobState } from "../store.ts";
import { type Commits, reading } from "./commits.ts";
import { historyText, jobFromRow, jobRow, jsonText, LATEST_DATE, NEXT_OF_LANE } from "./job-rows.ts";
import type { Turns } from "./turns.ts";

/** Between two batches, deliveries and jobs can use the database. */
const BATCH = 500;

const seqRow = z.object({ seq: z.number() });
/** What cannot be read is shown as empty: an operator must see the job to drop it. */
const recordRow = jobRow.extend({
  payload: jsonText.catch({}),
  progress: jsonText.catch({}),
  state: z.enum(JOB_STATES),
  next_attempt_at: z.number(),
  settled_at: z.number().nullable(),
  outcome: z.string().nullable(),
  last_error: z.string().nullable(),
  is_behind: z.number(),
  history: historyText,
});

const FROM_JOBS = `
  SELECT seq, key, platform, lane, quota, payload, progress, state, attempts,
         min(accepted_at, ${LATEST_DATE}) AS accepted_at, min(next_attempt_at, ${LATEST_DATE}) AS next_attempt_at,
         NULL AS settled_at, NULL AS outcome, last_error, 1 - is_first AS is_behind, history FROM jobs`;
const FROM_SETTLED = `
  SELECT seq, key, platform, lane, quota, payload, progress, state, attempts,
         min(accepted_at, ${LATEST_DATE}) AS accepted_at, 0 AS next_attempt_at, min(settled_at, ${LATEST_DATE}) AS settled_at, outcome, last_error,
         0 AS is_behind, history FROM settled`;

/** Each list reads an index, and so little more than it shows. */
const LISTS = {
  waiting: `${FROM_JOBS} WHERE state = 'waiting' ORDER BY seq DESC LIMIT :limit`,
  working: `${FROM_JOBS} INDEXED BY jobs_leased WHERE state = 'working' ORDER BY seq DESC LIMIT :limit`,
  done: `${FROM_SETTLED} WHERE state = 'done' ORDER BY settled_at DESC, seq DESC LIMIT :limit`,
  dead: `${FROM_SETTLED} WHERE state = 'dead' ORDER BY settled_at DESC, seq DESC LIMIT :limit`,
  unsettled: `${FROM_JOBS} ORDER BY seq DESC LIMIT :limit`,
  settled: `${FROM_SETTLED} ORDER BY seq DESC LIMIT :limit`,
} as const;

/**
 * Attempts and age start again: an operator wants the job done, however old it is. One attempt stays counted: the next must
 * not look like a first attempt, before which nothing can have happened at the platform.
 */
const RETRY = `
  INSERT INTO jobs (key, platform, lane, quota, payload, progress, attempts, accepted_at, next_attempt_at, last_error, history, is_first)
  SELECT key, platform, lane, quota, payload, progress, 1, :now, :now, last_error, history,
         NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.lane = settled.lane)
  FROM settled WHERE key = :key AND state = 'dead'
  RETURNING platform, quota`;

const DEAD = "SELECT key FROM settled WHERE state = 'dead' ORDER BY settled_at, seq LIMIT :limit";
const DROP = "DELETE FROM jobs WHERE key = ? AND state <> 'working' RETURNING lane, platform, quota";
const DROP_SETTLED = "DELETE FROM settled WHERE key = ?";
const COUNT = "SELECT state, sum(jobs) AS jobs FROM job_counts GROUP BY state";
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
  const lists = {
    waiting: db.prepare(LISTS.waiting),
    working: db.prepare(LISTS.working),
    done: db.prepare(LISTS.done),
    dead: db.prepare(LISTS.dead),
    unsettled: db.prepare(LISTS.unsettled),
    settled: db.prepare(LISTS.settled),
  };
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

  function listed(state: JobState, limit: number): JobRecord[] {
    return lists[state].all({ limit }).map(recordOf);
  }

  function newest(limit: number): JobRecord[] {
    return [...lists.unsettled.all({ limit }), ...lists.settled.all({ limit })]
      .map((row) => ({ row, seq: seqRow.parse(row).seq }))
      .sort((a, b) => b.seq - a.seq)
      .slice(0, limit)
      .map(({ row }) => recordOf(row));
  }

  return {
    countByState: async () =>
      reading(() => {
        const counts: Record<JobState, number> = { waiting: 0, working: 0, done: 0, dead: 0 };
        for (const row of count.all()) {
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
    list: async ({ state, limit }) => reading(() => (state === null ? newest(limit) : listed(state, limit))),
    find: async (key) =>
      reading(() => {
        const row = find.get(key);
        return row === undefined ? null : recordOf(row);
      }),
    retry: (key) => commits.write(() => retryOne(key)),
    async retryAllDead() {
      let all = 0;
      for (;;) {
        const retried = await commits.write(
          () => dead.all({ limit: BATCH }).filter((row) => retryOne(keyRow.parse(row).key)).length,
        );
        all += retried;
        if (retried < BATCH) return all;
      }
    },
    drop: (key) => commits.write(() => dropOne(key)),
  };
}

function recordOf(row: unknown): JobRecord {
  const read = recordRow.parse(row);
  return {
    ...jobFromRow(read),
    state: read.state,
    nextAttemptAt: read.next_attempt_at,
    settledAt: read.settled_at,
    outcome: read.outcome,
    lastError: read.last_error,
    isBehind: read.is_behind === 1,
    history: read.history,
  };
}
