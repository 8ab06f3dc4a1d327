import { z } from "zod";
import { attempt, attemptFrom } from "../job-columns.ts";
import { ATTEMPTS_KEPT } from "../store.ts";

/**
 * Run this whenever a job has left its lane: the one behind it becomes the head, unless another is that already. Returns
 * the quota of the new head.
 */
export const NEXT_OF_LANE = `
  UPDATE jobs SET is_first = 1
  WHERE seq = (SELECT min(seq) FROM jobs WHERE lane = :lane) AND is_first = 0
  RETURNING platform, quota`;

/** Reads a job's attempts from their column. */
export const historyText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.array(attempt))
  .transform((all) => all.map(attemptFrom));

/** SQL for a job's history with :attempt appended. If it is full, the oldest attempt is dropped. */
export const LONGER_HISTORY = `
  json_insert(
    CASE
      WHEN NOT json_valid(history) THEN '[]'
      WHEN json_array_length(history) < ${ATTEMPTS_KEPT} THEN history
      ELSE json_remove(history, '$[0]')
    END,
    '$[#]', json(:attempt))`;
