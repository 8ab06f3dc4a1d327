import { z } from "zod";
import { LATEST_DATE } from "../job-columns.ts";
import { recordFrom, recordRow } from "../job-record.ts";
import type { JobRecord } from "../store.ts";
import { historyText } from "./job-rows.ts";

const flag = z.number().transform((value) => value === 1);
const row = recordRow(flag, historyText);

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
export function recordOf(found: unknown): JobRecord {
  return recordFrom(row.parse(found));
}
