import { z } from "zod";
import { keptFrom, keptRow } from "./installation-columns.ts";
import { HOLD_REASONS } from "./store.ts";
import type { MovedHold, MovedInstallation, MovedJob } from "./transfer.ts";

// What the rows that move have in common in every store.

/** A row of a job. `history`: how this store has the attempts. */
export function movedJobRow(history: z.ZodType<string[]>) {
  return z.object({
    seq: z.number(),
    key: z.string(),
    platform: z.string(),
    lane: z.string(),
    quota: z.string(),
    payload: z.string(),
    progress: z.string(),
    state: z.enum(["waiting", "done", "dead"]),
    attempts: z.number(),
    accepted_at: z.number(),
    first_accepted_at: z.number().nullable(),
    earlier_attempts: z.number(),
    next_attempt_at: z.number(),
    settled_at: z.number().nullable(),
    outcome: z.string().nullable(),
    last_error: z.string().nullable(),
    history,
  });
}

/** The job in such a row. */
export function movedJobFrom(found: z.infer<ReturnType<typeof movedJobRow>>): MovedJob {
  const { accepted_at, first_accepted_at, earlier_attempts, next_attempt_at, ...rest } = found;
  const { settled_at, last_error, ...row } = rest;
  return {
    ...row,
    acceptedAt: accepted_at,
    firstAcceptedAt: first_accepted_at,
    earlierAttempts: earlier_attempts,
    nextAttemptAt: next_attempt_at,
    settledAt: settled_at,
    lastError: last_error,
  };
}

/** A row of an installation. `flag`: how this store has a boolean. */
export function movedInstallationRow(flag: z.ZodType<boolean>) {
  return keptRow(z.number(), flag).extend({ sealed_with: z.string() });
}

/** The installation in such a row. */
export function movedInstallationFrom(
  row: z.infer<ReturnType<typeof movedInstallationRow>>,
): MovedInstallation {
  return { ...keptFrom(row), sealedWith: row.sealed_with };
}

const holdRow = z.object({
  quota: z.string(),
  reason: z.enum(HOLD_REASONS),
  pause_ms: z.number(),
  set_at: z.number(),
  ends_at: z.number(),
});

/** The pause in a row. */
export function holdFrom(row: unknown): MovedHold {
  const { quota, reason, pause_ms: pauseMs, set_at: setAt, ends_at: endsAt } = holdRow.parse(row);
  return { quota, reason, pauseMs, setAt, endsAt };
}
