import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { type InboxDesk, JOB_STATES, type JobRecord, type JobState } from "../store.ts";
import { type Commits, reading } from "./commits.ts";
import { jobOf, jobRow, NEXT_OF_LANE } from "./jobs.ts";

const recordRow = jobRow.extend({
  state: z.enum(JOB_STATES),
  next_attempt_at: z.number(),
  settled_at: z.number().nullable(),
  outcome: z.string().nullable(),
  last_error: z.string().nullable(),
});

/**
 * Its attempts and its age start anew: an operator wants it done, however old it is. One attempt stays counted, so that
 * the next is not taken for the first.
 */
const RETRY = `
  UPDATE jobs
  SET state = 'waiting', attempts = 1, accepted_at = :now, next_attempt_at = :now, settled_at = NULL,
      is_first = NOT EXISTS (
        SELECT 1 FROM jobs AS other WHERE other.lane = jobs.lane AND other.state IN ('waiting', 'working'))
  WHERE key = :key AND state = 'dead'`;

const DROP = "DELETE FROM jobs WHERE key = ? AND state <> 'working' RETURNING lane";

const droppedRow = z.object({ lane: z.string() });
const keyRow = z.object({ key: z.string() });

/** Each by an index that has few jobs in it, or by the newest first of all. */
const LISTS: Readonly<Record<JobState | "all", string>> = {
  all: "SELECT * FROM jobs ORDER BY seq DESC LIMIT :limit",
  waiting: listOfUnsettled("waiting"),
  working: listOfUnsettled("working"),
  done: "SELECT * FROM jobs WHERE state = 'done' ORDER BY seq DESC LIMIT :limit",
  dead: "SELECT * FROM jobs INDEXED BY jobs_dead WHERE state = 'dead' ORDER BY seq DESC LIMIT :limit",
};

function listOfUnsettled(state: JobState): string {
  return `
    SELECT * FROM jobs INDEXED BY jobs_in_lane
    WHERE state IN ('waiting', 'working') AND state = '${state}' ORDER BY seq DESC LIMIT :limit`;
}

export function createDesk(db: DatabaseSync, commits: Commits): InboxDesk {
  const lists = {
    all: db.prepare(LISTS.all),
    waiting: db.prepare(LISTS.waiting),
    working: db.prepare(LISTS.working),
    done: db.prepare(LISTS.done),
    dead: db.prepare(LISTS.dead),
  };
  const find = db.prepare("SELECT * FROM jobs WHERE key = ?");
  const retry = db.prepare(RETRY);
  const dead = db.prepare("SELECT key FROM jobs INDEXED BY jobs_dead WHERE state = 'dead' ORDER BY seq");
  const drop = db.prepare(DROP);
  const nextOfLane = db.prepare(NEXT_OF_LANE);
  const retryOne = (key: string) => retry.run({ key, now: Date.now() }).changes === 1;

  return {
    list: async ({ state, limit }) => reading(() => lists[state ?? "all"].all({ limit }).map(recordOf)),
    find: async (key) =>
      reading(() => {
        const row = find.get(key);
        return row === undefined ? null : recordOf(row);
      }),
    retry: (key) => commits.write(() => retryOne(key)),
    retryAllDead: () =>
      commits.write(() => dead.all().filter((row) => retryOne(keyRow.parse(row).key)).length),
    drop: (key) =>
      commits.write(() => {
        const row = drop.get(key);
        if (row === undefined) return false;
        nextOfLane.run(droppedRow.parse(row));
        return true;
      }),
  };
}

function recordOf(row: unknown): JobRecord {
  const read = recordRow.parse(row);
  return {
    ...jobOf(read),
    state: read.state,
    nextAttemptAt: read.next_attempt_at,
    settledAt: read.settled_at,
    outcome: read.outcome,
    lastError: read.last_error,
  };
}
