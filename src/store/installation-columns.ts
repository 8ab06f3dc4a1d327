import { z } from "zod";
import { StoreError } from "../errors.ts";
import type { PlatformName } from "../job.ts";
import type { Cipher } from "../secrets.ts";
import { openCredentials, sealCredentials } from "./credentials.ts";
import { jsonText, LATEST_DATE, platformName } from "./job-columns.ts";
import type { Installation, InstallationWithCredentials } from "./store.ts";

/** The columns of an installation, in the order in which statements name them. */
export const INSTALLATION_COLUMNS = `platform, account, bot_id, lookup, credentials, sealed_with, details, obtained_at, expires_at,
     bot_is_current, needs_reinstall, bot_is_gone, webhook_url`;

/** What an upsert does with them where the account is known. */
export const OVERWRITE_INSTALLATION = `
    SET bot_id = excluded.bot_id, lookup = excluded.lookup, credentials = excluded.credentials,
        sealed_with = excluded.sealed_with, details = excluded.details, obtained_at = excluded.obtained_at,
        expires_at = excluded.expires_at, bot_is_current = excluded.bot_is_current,
        needs_reinstall = excluded.needs_reinstall, bot_is_gone = excluded.bot_is_gone,
        webhook_url = excluded.webhook_url`;

/** A row of an installation as it is kept. `moment` and `flag`: how this store has numbers (ms since 1970) and booleans. */
export function keptRow(moment: z.ZodType<number>, flag: z.ZodType<boolean>) {
  return z.object({
    platform: platformName,
    account: z.string(),
    bot_id: z.string(),
    lookup: z.string().nullable(),
    credentials: z.instanceof(Uint8Array),
    details: z.string(),
    obtained_at: moment,
    expires_at: moment,
    bot_is_current: flag,
    needs_reinstall: flag,
    bot_is_gone: flag,
    webhook_url: z.string(),
  });
}

/** What such a row says: credentials still encrypted, details as text. */
export function keptFrom(row: z.infer<ReturnType<typeof keptRow>>) {
  return {
    platform: row.platform,
    account: row.account,
    botId: row.bot_id,
    lookup: row.lookup,
    credentials: row.credentials,
    details: row.details,
    obtainedAt: row.obtained_at,
    expiresAt: row.expires_at,
    botIsCurrent: row.bot_is_current,
    needsReinstall: row.needs_reinstall,
    botIsGone: row.bot_is_gone,
    webhookUrl: row.webhook_url,
  };
}

/** The installation in such a row, even if its credentials or details cannot be read. */
export function installationFrom(
  row: z.infer<ReturnType<typeof keptRow>>,
  cipher: Cipher | null,
): Installation {
  const kept = keptFrom(row);
  return {
    ...kept,
    credentials: cipher && openCredentials(cipher, kept.credentials, kept),
    details: readableDetails.parse(kept.details),
  };
}

const readableDetails = jsonText.catch({});

/**
 * What is kept of an installation, with encrypted credentials. Without a cipher, nothing is. Throws StoreError for values that a
 * database would refuse, so that no commit fails by them.
 */
export function columnsOf(
  installation: InstallationWithCredentials,
  platform: PlatformName,
  cipher: Cipher | null,
) {
  const { account, credentials, details, obtainedAt, expiresAt } = installation;
  if (!cipher) throw new StoreError("The installation cannot be saved: there is no key to encrypt it with.");
  if (installation.platform !== platform)
    throw new StoreError("The installation cannot be saved: it belongs to another platform.");
  if (account === "" || Number.isNaN(obtainedAt) || Number.isNaN(expiresAt))
    throw new StoreError("The installation cannot be saved: it has no account or no time.");
  return {
    ...installation,
    ...sealCredentials(cipher, credentials, installation),
    details: JSON.stringify(details),
    obtainedAt: wholeMs(obtainedAt),
    expiresAt: wholeMs(expiresAt),
  };
}

/** Any number as whole milliseconds that are a date. */
export function wholeMs(ms: number): number {
  return Math.min(Math.max(Math.round(ms), 0), LATEST_DATE);
}
