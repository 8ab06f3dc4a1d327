import { z } from "zod";
import { cutSentence } from "../job-columns.ts";
import type { ClaimedJob, Settlement } from "../store.ts";
import { createGroup, type Group } from "./commits.ts";
import type { Connections } from "./connections.ts";
import { hashOf, lockOf } from "./hashes.ts";
import { longerHistory } from "./job-rows.ts";

const SAVE_PROGRESS = `
  UPDATE chatops.jobs SET progress = given.progress
  FROM unnest($1::bytea[], $2::uuid[], $3::text[]) AS given (key_hash, lease, progress)
  WHERE jobs.key_hash = given.key_hash AND jobs.lease = given.lease AND state = 'working'
  RETURNING jobs.lease`;

/** Whichever job is behind a settled one becomes the head of its lane. The lease stays: it says which attempt has ended it. */
const SETTLE = `
  WITH given AS (
    SELECT * FROM unnest(
      $1::bytea[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[])
      AS g (key_hash, lease, state, progress, outcome, error, after_ms, attempt)),
  ended AS (
    UPDATE chatops.jobs SET
      state = given.state, progress = given.progress, outcome = given.outcome,
      last_error = coalesce(given.error, last_error), history = ${longerHistory("history", "given.attempt")},
      settled_at = CASE WHEN given.state <> 'waiting' THEN chatops.now_ms() END,
      next_attempt_at = CASE given.state WHEN 'waiting' THEN chatops.now_ms() + given.after_ms ELSE next_attempt_at END,
      lease_until = NULL, leased_by = NULL
    FROM given WHERE jobs.key_hash = given.key_hash AND jobs.lease = given.lease AND jobs.state = 'working'
    RETURNING jobs.seq, lane_hash, platform, quota, jobs.state, jobs.next_attempt_at, jobs.lease),
  heads AS (
    UPDATE chatops.jobs SET is_first = true WHERE NOT is_first AND seq IN (
      SELECT behind.seq FROM (SELECT DISTINCT lane_hash FROM ended WHERE state <> 'waiting') AS left_lanes
      CROSS JOIN LATERAL (
        SELECT seq FROM chatops.jobs
        WHERE lane_hash = left_lanes.lane_hash AND state IN ('waiting', 'working')
          AND seq NOT IN (SELECT seq FROM ended WHERE state <> 'waiting')
        ORDER BY seq LIMIT 1) AS behind)
    RETURNING platform, quota, next_attempt_at),
  turned AS (
    INSERT INTO chatops.turns (platform, quota, turn)
    SELECT platform, quota, min(next_attempt_at) FROM (
      SELECT platform, quota, next_attempt_at FROM ended WHERE state = 'waiting'
      UNION ALL SELECT platform, quota, next_attempt_at FROM heads) AS waiting
    GROUP BY platform, quota)
  SELECT lease FROM ended`;

/** Which of these attempts have ended their job in that state already. */
const ENDED = `
  SELECT jobs.lease FROM unnest($1::bytea[], $2::uuid[], $3::text[]) AS given (key_hash, lease, state)
  JOIN chatops.jobs USING (key_hash) WHERE jobs.lease = given.lease AND jobs.state = given.state`;

const leaseRow = z.object({ lease: z.string() });

/** How an attempt has ended; texts as they are kept. */
export type Ending = {
  readonly key: string;
  readonly lane: string;
  readonly lease: string;
  readonly settlement: Settlement;
  readonly progress: string;
  readonly attempt: string;
};

export type Saving = { readonly job: ClaimedJob; readonly progress: string };

/** Saves the progress of jobs in hand; false: the lease is lost. */
export function createSaving({ query }: Connections): Group<Saving, boolean> {
  return createGroup(async (savings) => {
    const leases = savings.map(({ job }) => job.lease);
    const rows = await query(SAVE_PROGRESS, [
      savings.map(({ job }) => hashOf(job.key)),
      leases,
      savings.map(({ progress }) => progress),
    ]);
    return heldOf(leases, rows);
  });
}

/** Ends attempts; false: the lease is lost. */
export function createEnding({ transaction }: Connections, isSynced: boolean): Group<Ending, boolean> {
  return createGroup(async (endings) => {
    const leaving = endings.filter(({ settlement }) => settlement.state !== "waiting");
    const locks = leaving.map(({ lane }) => lockOf(lane));
    const columns = endingColumns(endings);
    const rows = await transaction({ locks, isSynced }, async (query, isRepeat) => {
      const ended = await query(SETTLE, columns);
      if (!isRepeat || ended.length === endings.length) return ended;
      return [...ended, ...(await query(ENDED, columns.slice(0, 3)))];
    });
    const leases = endings.map(({ lease }) => lease);
    return heldOf(leases, rows);
  });
}

function endingColumns(endings: readonly Ending[]) {
  return [
    endings.map(({ key }) => hashOf(key)),
    endings.map(({ lease }) => lease),
    endings.map(({ settlement }) => settlement.state),
    endings.map(({ progress }) => progress),
    endings.map(({ settlement }) => (settlement.state === "done" ? cutSentence(settlement.outcome) : null)),
    endings.map(({ settlement }) => (settlement.state === "done" ? null : cutSentence(settlement.error))),
    endings.map(({ settlement }) => (settlement.state === "waiting" ? Math.round(settlement.afterMs) : 0)),
    endings.map(({ attempt }) => attempt),
  ];
}

/** Which of the leases still held. */
function heldOf(leases: readonly string[], rows: readonly unknown[]): boolean[] {
  const held = new Set(rows.map((row) => leaseRow.parse(row).lease));
  return leases.map((lease) => held.has(lease));
}
