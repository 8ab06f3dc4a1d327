import { z } from "zod";
import {
  jobFromRow,
  jobRow,
  jsonText,
  LATEST_DATE,
  positionOf,
  retryColumns,
  sinceFirst,
} from "../job-columns.ts";
import { JOB_STATES, type JobRecord } from "../store.ts";
import { historyText } from "./job-rows.ts";

/** What cannot be read is shown as empty: an operator must see the job to drop it. */
const recordRow = jobRow.extend({
  seq: z.number(),
  payload: jsonText.catch({}),
  progress: jsonText.catch({}),
  state: z.enum(JOB_STATES),
  next_attempt_at: z.number(),
  settled_at: z.number().nullable(),
  outcome: z.string().nullable(),
  last_error: z.string().nullable(),
  is_behind: z.number(),
  leased_by: z.string().nullable(),
  ...retryColumns,
  history: historyText,
});

const COMMON = `seq, key, platform, lane, quota, payload, progress, state, attempts,
         min(accepted_at, ${LATEST_DATE}) AS accepted_at, min(first_accepted_at, ${LATEST_DATE}) AS first_accepted_at,
         earlier_attempts`;

export const FROM_JOBS = `
  SELECT ${COMMON}, min(next_attempt_at, ${LATEST_DATE}) AS next_attempt_at,
         NULL AS settled_at, NULL AS outcome, last_error, 1 - is_first AS is_behind, leased_by, history FROM jobs`;
export const FROM_SETTLED = `
  SELECT ${COMMON}, 0 AS next_attempt_at, min(settled_at, ${LATEST_DATE}) AS settled_at,
         outcome, last_error, 0 AS is_behind, NULL AS leased_by, history FROM settled`;

/** Reads a row of FROM_JOBS or FROM_SETTLED. */
export function recordOf(row: unknown): JobRecord {
  const read = recordRow.parse(row);
  return {
    ...jobFromRow(read),
    ...sinceFirst(read),
    position: positionOf({ seq: read.seq, settledAt: read.settled_at }),
    state: read.state,
    nextAttemptAt: read.next_attempt_at,
    settledAt: read.settled_at,
    outcome: read.outcome,
    lastError: read.last_error,
    isBehind: read.is_behind === 1,
    server: read.leased_by,
    history: read.history,
  };
}
