import { z } from "zod";
import { attempt, attemptFrom } from "../job-columns.ts";
import { recordFrom, recordRow } from "../job-record.ts";
import type { JobRecord } from "../store.ts";

const attempts = z
  .array(z.string())
  .transform((texts) => texts.map((text) => attemptFrom(attempt.parse(JSON.parse(text)))));
const row = recordRow(z.boolean(), attempts);

export const RECORDS = `
  SELECT seq, key, platform, lane, quota, payload, progress, state, attempts, accepted_at,
         CASE WHEN settled_at IS NULL THEN next_attempt_at ELSE 0 END AS next_attempt_at, settled_at, outcome, last_error,
         settled_at IS NULL AND NOT is_first AS is_behind, leased_by, first_accepted_at, earlier_attempts, history
  FROM chatops.jobs`;

/** Reads a row of RECORDS. */
export function recordOf(found: unknown): JobRecord {
  return recordFrom(row.parse(found));
}
