import { z } from "zod";
import {
  attempt,
  attemptFrom,
  jobFromRow,
  jobRow,
  jsonText,
  positionOf,
  retryColumns,
  sinceFirst,
} from "../job-columns.ts";
import { JOB_STATES, type JobRecord, type PastAttempt } from "../store.ts";

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
  is_first: z.boolean(),
  leased_by: z.string().nullable(),
  ...retryColumns,
  history: z.array(z.string()),
});

export const RECORDS = `
  SELECT seq, key, platform, lane, quota, payload, progress, state, attempts, accepted_at, next_attempt_at, settled_at,
         outcome, last_error, is_first, leased_by, first_accepted_at, earlier_attempts, history
  FROM chatops.jobs`;

/** Reads a row of RECORDS. */
export function recordOf(row: unknown): JobRecord {
  const read = recordRow.parse(row);
  return {
    ...jobFromRow(read),
    ...sinceFirst(read),
    position: positionOf({ seq: read.seq, settledAt: read.settled_at }),
    state: read.state,
    nextAttemptAt: read.settled_at === null ? read.next_attempt_at : 0,
    settledAt: read.settled_at,
    outcome: read.outcome,
    lastError: read.last_error,
    isBehind: read.settled_at === null && !read.is_first,
    server: read.leased_by,
    history: historyOf(read.history),
  };
}

function historyOf(texts: readonly string[]): PastAttempt[] {
  return texts.map((text) => attemptFrom(attempt.parse(JSON.parse(text))));
}
