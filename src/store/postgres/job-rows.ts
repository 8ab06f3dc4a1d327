import { ATTEMPTS_KEPT } from "../store.ts";

/** SQL for a job's history with one more attempt. If it is full, the oldest is dropped. */
export function longerHistory(history: string, attempt: string): string {
  return `(${history} || ${attempt})[greatest(cardinality(${history}) + 2 - ${ATTEMPTS_KEPT}, 1):]`;
}

/** Whenever a job has left the lane $1: the one behind it becomes the head, unless another is that already. */
export const NEXT_OF_LANE = `
  UPDATE chatops.jobs SET is_first = true WHERE NOT is_first AND seq = (
    SELECT min(seq) FROM chatops.jobs WHERE lane_hash = $1 AND state IN ('waiting', 'working'))
  RETURNING platform, quota, next_attempt_at AS turn`;
