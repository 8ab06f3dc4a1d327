import { z } from "zod";
import { ATTEMPTS_KEPT, LONGEST_SENTENCE, type PastAttempt, type Settlement } from "../store.ts";

/** By position: a million settled jobs keep theirs for a week. */
const attempt = z.tuple([z.number(), z.number(), z.enum(["done", "dead", "waiting"]), z.string()]);

/** A job's attempts as the database has them. */
export const historyText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.array(attempt))
  .transform((all) => all.map(([startedAt, ms, end, says]): PastAttempt => ({ startedAt, ms, end, says })));

/** SQL for a job's history with :attempt behind it, and without the oldest where it would be one too many. */
export const LONGER_HISTORY = `
  json_insert(
    CASE
      WHEN NOT json_valid(history) THEN '[]'
      WHEN json_array_length(history) < ${ATTEMPTS_KEPT} THEN history
      ELSE json_remove(history, '$[0]')
    END,
    '$[#]', json(:attempt))`;

/** What stands for :attempt, of one that has just ended. */
export function attemptText(settlement: Settlement, tookMs: number, now: number): string {
  const ms = Math.round(tookMs);
  const says = settlement.state === "done" ? settlement.outcome : settlement.error;
  return JSON.stringify([now - ms, ms, settlement.state, shortened(says)]);
}

/** A sentence as long as it may be kept. */
export function shortened(sentence: string): string {
  if (sentence.length <= LONGEST_SENTENCE) return sentence;
  return `${sentence.slice(0, LONGEST_SENTENCE - 1).toWellFormed()}…`;
}
