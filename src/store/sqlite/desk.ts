import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { InboxDesk, JobRecord } from "../store.ts";
import { type Commits, reading } from "./commits.ts";
import { jobOf, jobRow, NEXT_OF_LANE } from "./jobs.ts";

const recordRow = jobRow.extend({
  state: z.enum(["waiting", "working", "done", "dead"]),
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

export function createDesk(db: DatabaseSync, commits: Commits): InboxDesk {
  const list = db.prepare(
    "SELECT * FROM jobs WHERE state = coalesce(:state, state) ORDER BY seq DESC LIMIT :limit",
  );
  const find = db.prepare("SELECT * FROM jobs WHERE key = ?");
  const retry = db.prepare(RETRY);
  const dead = db.prepare("SELECT key FROM jobs WHERE state = 'dead' ORDER BY seq");
  const drop = db.prepare(DROP);
  const nextOfLane = db.prepare(NEXT_OF_LANE);
  const retryOne = (key: string) => retry.run({ key, now: Date.now() }).changes === 1;

  return {
    list: async ({ state, limit }) => reading(() => list.all({ state, limit }).map(recordOf)),
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
