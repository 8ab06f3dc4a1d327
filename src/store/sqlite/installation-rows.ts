import { z } from "zod";
import { StoreError } from "../../errors.ts";
import type { PlatformName } from "../../job.ts";
import type { Cipher } from "../../secrets.ts";
import type { Installation, InstallationWithCredentials } from "../store.ts";
import { openCredentials, sealCredentials } from "./credentials.ts";
import { jsonText, LATEST_DATE, platformName } from "./job-rows.ts";

// Earlier releases stored any number that chat.io sent. SQLite's integers are larger than JavaScript's, so they are read
// as BigInts and clamped: one odd row must not keep the others from being read.
const moment = z.bigint().transform((ms) => wholeMs(Number(ms)));
const flag = z.bigint().transform((value) => value !== 0n);

const installationRow = z.object({
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

export type InstallationRows = {
  /** Reads a row of BigInts, even if its credentials cannot be read. */
  read(row: unknown): Installation;
  /** The values of a row. Throws StoreError for values that the database would refuse, so that no commit fails by them. */
  write(installation: InstallationWithCredentials): Record<string, string | number | Uint8Array | null>;
};

/** Reads and writes the rows of a platform's installations, with encrypted credentials. Without a cipher, none can be written. */
export function createInstallationRows(platform: PlatformName, cipher: Cipher | null): InstallationRows {
  return {
    read(row) {
      const read = installationRow.parse(row);
      return {
        platform: read.platform,
        account: read.account,
        botId: read.bot_id,
        credentials: cipher && openCredentials(cipher, read.credentials, read),
        lookup: read.lookup,
        details: read.details,
        obtainedAt: read.obtained_at,
        expiresAt: read.expires_at,
        botIsCurrent: read.bot_is_current,
        needsReinstall: read.needs_reinstall,
        botIsGone: read.bot_is_gone,
        webhookUrl: read.webhook_url,
      };
    },
    write(installation) {
      const { account, botId, credentials, lookup, details, obtainedAt, expiresAt, webhookUrl } =
        installation;
      if (!cipher)
        throw new StoreError("The installation cannot be saved: there is no key to encrypt it with.");
      if (installation.platform !== platform)
        throw new StoreError("The installation cannot be saved: it belongs to another platform.");
      if (account === "" || Number.isNaN(obtainedAt) || Number.isNaN(expiresAt))
        throw new StoreError("The installation cannot be saved: it has no account or no time.");
      return {
        platform,
        account,
        botId,
        lookup,
        ...sealCredentials(cipher, credentials, installation),
        details: JSON.stringify(details),
        obtainedAt: wholeMs(obtainedAt),
        expiresAt: wholeMs(expiresAt),
        botIsCurrent: Number(installation.botIsCurrent),
        needsReinstall: Number(installation.needsReinstall),
        botIsGone: Number(installation.botIsGone),
        webhookUrl,
      };
    },
  };
}

function wholeMs(ms: number): number {
  return Math.min(Math.max(Math.round(ms), 0), LATEST_DATE);
}
