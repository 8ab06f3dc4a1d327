import { z } from "zod";
import { StoreError } from "../../errors.ts";
import type { PlatformName } from "../../job.ts";
import type { Cipher } from "../../secrets.ts";
import type { Credentials, Installation, ReadableInstallation } from "../store.ts";
import { jsonText, LATEST_DATE, platformName } from "./jobs.ts";

// Earlier releases kept any number that chat.io sent. SQLite's integers go further than JavaScript's, so they are read
// as BigInts and bounded: one odd row must not keep the others from being read.
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

const credentialsText = z.record(z.string(), z.string());

export type InstallationRows = {
  /** Reads a row of BigInts. Whatever is wrong with the credentials, the rest is read. */
  read(row: unknown): Installation;
  /** The values of a row. Throws StoreError where there can be no such row, so that nothing else of a commit is lost for it. */
  write(installation: ReadableInstallation): Record<string, string | number | Uint8Array | null>;
};

/** A platform's installations as the database keeps them, their credentials encrypted; without a cipher none can be written. */
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
      if (!cipher) throw new StoreError("An installation was to be saved without a key to encrypt it.");
      if (installation.platform !== platform)
        throw new StoreError("An installation was to be saved among those of another platform.");
      if (account === "" || Number.isNaN(obtainedAt) || Number.isNaN(expiresAt))
        throw new StoreError("An installation was to be saved without an account or a time.");
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

type Place = Pick<Installation, "platform" | "account">;

/** null: no key opens them, or they are not what was ever written here. */
export function openCredentials(
  cipher: Cipher,
  sealed: Uint8Array,
  { platform, account }: Place,
): Credentials | null {
  // Releases that knew only chat.io's licenses have sealed without the platform.
  const text =
    cipher.open(sealed, contextOf(platform, account)) ?? cipher.open(sealed, `installation ${account}`);
  if (text === null) return null;
  try {
    return credentialsText.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export function sealCredentials(cipher: Cipher, credentials: Credentials, { platform, account }: Place) {
  const text = JSON.stringify(credentials);
  return { credentials: cipher.seal(text, contextOf(platform, account)), sealedWith: cipher.keyId };
}

function contextOf(platform: PlatformName, account: string): string {
  return `installation ${platform}:${account}`;
}

function wholeMs(ms: number): number {
  return Math.min(Math.max(Math.round(ms), 0), LATEST_DATE);
}
