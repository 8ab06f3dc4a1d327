import { z } from "zod";
import { StoreError } from "../../errors.ts";
import { type Cipher, fingerprint } from "../../secrets.ts";
import type { Credentials, Installation, ReadableInstallation } from "../store.ts";

/** The last moment that a Date can show, in ms since 1970. */
const LATEST_MS = 8_640_000_000_000_000;

// Earlier releases kept any number that chat.io sent. SQLite's integers go further than JavaScript's, so they are read
// as BigInts and bounded: one odd row must not keep the others from being read.
const moment = z.bigint().transform((ms) => wholeMs(Number(ms)));
const flag = z.bigint().transform((value) => value !== 0n);

const installationRow = z.object({
  license_id: z.bigint().transform(Number),
  bot_id: z.string(),
  credentials: z.instanceof(Uint8Array),
  obtained_at: moment,
  expires_at: moment,
  bot_is_current: flag,
  needs_reinstall: flag,
  bot_is_gone: flag,
  webhook_url: z.string(),
});

const credentialsText = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  webhookSecret: z.string(),
});

export type InstallationRows = {
  /** Reads a row of BigInts. Whatever is wrong with the credentials, the rest is read. */
  read(row: unknown): Installation;
  /** The values of a row. Throws StoreError where there can be no such row, so that nothing else of a commit is lost for it. */
  write(installation: ReadableInstallation): Record<string, string | number | Uint8Array>;
};

/** Installations as the database keeps them, their credentials encrypted. */
export function createInstallationRows(cipher: Cipher | null): InstallationRows {
  return {
    read(row) {
      const read = installationRow.parse(row);
      const sealed = cipher?.open(read.credentials, contextOf(read.license_id)) ?? null;
      return {
        licenseId: read.license_id,
        botId: read.bot_id,
        credentials: sealed === null ? null : credentialsIn(sealed),
        obtainedAt: read.obtained_at,
        expiresAt: read.expires_at,
        botIsCurrent: read.bot_is_current,
        needsReinstall: read.needs_reinstall,
        botIsGone: read.bot_is_gone,
        webhookUrl: read.webhook_url,
      };
    },
    write(installation) {
      const { licenseId, botId, credentials, obtainedAt, expiresAt, webhookUrl } = installation;
      if (!cipher) throw new StoreError("An installation was to be saved without a key to encrypt it.");
      if (!Number.isSafeInteger(licenseId) || Number.isNaN(obtainedAt) || Number.isNaN(expiresAt))
        throw new StoreError("An installation was to be saved with a number that is none.");
      return {
        licenseId,
        botId,
        fingerprint: fingerprint(credentials.webhookSecret),
        credentials: cipher.seal(JSON.stringify(credentials), contextOf(licenseId)),
        sealedWith: cipher.keyId,
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

function contextOf(licenseId: number): string {
  return `installation ${licenseId}`;
}

/** null: they are not what was ever written here. */
function credentialsIn(text: string): Credentials | null {
  try {
    return credentialsText.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function wholeMs(ms: number): number {
  return Math.min(Math.max(Math.round(ms), 0), LATEST_MS);
}
