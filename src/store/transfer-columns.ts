import { z } from "zod";
import { HOLD_REASONS } from "./store.ts";
import type { MovedHold, MovedInstallation } from "./transfer.ts";

// What the rows that move have in common in every store.

/** A row of an installation. `flag`: how this store has a boolean. */
export function movedInstallationRow(flag: z.ZodType<boolean>) {
  return z.object({
    platform: z.string(),
    account: z.string(),
    bot_id: z.string(),
    lookup: z.string().nullable(),
    credentials: z.instanceof(Uint8Array),
    sealed_with: z.string(),
    details: z.string(),
    obtained_at: z.number(),
    expires_at: z.number(),
    bot_is_current: flag,
    needs_reinstall: flag,
    bot_is_gone: flag,
    webhook_url: z.string(),
  });
}

/** The installation in such a row. */
export function movedInstallationFrom(
  row: z.infer<ReturnType<typeof movedInstallationRow>>,
): MovedInstallation {
  return {
    platform: row.platform,
    account: row.account,
    botId: row.bot_id,
    lookup: row.lookup,
    credentials: row.credentials,
    sealedWith: row.sealed_with,
    details: row.details,
    obtainedAt: row.obtained_at,
    expiresAt: row.expires_at,
    botIsCurrent: row.bot_is_current,
    needsReinstall: row.needs_reinstall,
    botIsGone: row.bot_is_gone,
    webhookUrl: row.webhook_url,
  };
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
