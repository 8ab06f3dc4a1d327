import { z } from "zod";
import { jobFromRow, jobRow, jsonText, positionOf, retryColumns, sinceFirst } from "./job-columns.ts";
import { JOB_STATES, type JobRecord, type PastAttempt } from "./jobs.ts";

/**
 * A job's row for an operator; `flag` and `history`: how this store has a boolean and the attempts. What cannot be read is
 * shown as empty: an operator must see the job to drop it.
 */
export function recordRow(flag: z.ZodType<boolean>, history: z.ZodType<PastAttempt[]>) {
  return jobRow.extend({
    seq: z.number(),
    payload: jsonText.catch({}),
    progress: jsonText.catch({}),
    state: z.enum(JOB_STATES),
    next_attempt_at: z.number(),
    settled_at: z.number().nullable(),
    outcome: z.string().nullable(),
    last_error: z.string().nullable(),
    is_behind: flag,
    leased_by: z.string().nullable(),
    ...retryColumns,
    history,
  });
}

export function recordFrom(row: z.infer<ReturnType<typeof recordRow>>): JobRecord {
  return {
    ...jobFromRow(row),
    ...sinceFirst(row),
    position: positionOf({ seq: row.seq, settledAt: row.settled_at }),
    state: row.state,
    nextAttemptAt: row.next_attempt_at,
    settledAt: row.settled_at,
    outcome: row.outcome,
    lastError: row.last_error,
    isBehind: row.is_behind,
    server: row.leased_by,
    history: row.history,
  };
}
