import { z } from "zod";
import { StoreError } from "../errors.ts";
import type { PlatformName } from "../job.ts";
import type { Cipher } from "../secrets.ts";
import { openCredentials, sealCredentials } from "./credentials.ts";
import { jsonText, LATEST_DATE, platformName } from "./job-columns.ts";
import type { Installation, InstallationWithCredentials } from "./store.ts";

/** A row of an installation. `moment` and `flag`: how this store has them as numbers (ms since 1970) and booleans. */
export function installationRow(moment: z.ZodType<number>, flag: z.ZodType<boolean>) {
  return z.object({
    platform: platformName,
    account: z.string(),
    bot_id: z.string(),
    lookup: z.string().nullable(),
    credentials: z.instanceof(Uint8Array),
    details: jsonText.catch({}),
    obtained_at: moment,
    expires_at: moment,
    bot_is_current: flag,
    needs_reinstall: flag,
    bot_is_gone: flag,
    webhook_url: z.string(),
  });
}

/** The installation in a row, even if its credentials cannot be read. */
export function installationFrom(
  row: z.infer<ReturnType<typeof installationRow>>,
  cipher: Cipher | null,
): Installation {
  return {
    platform: row.platform,
    account: row.account,
    botId: row.bot_id,
    credentials: cipher && openCredentials(cipher, row.credentials, row),
    lookup: row.lookup,
    details: row.details,
    obtainedAt: row.obtained_at,
    expiresAt: row.expires_at,
    botIsCurrent: row.bot_is_current,
    needsReinstall: row.needs_reinstall,
    botIsGone: row.bot_is_gone,
    webhookUrl: row.webhook_url,
  };
}

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
