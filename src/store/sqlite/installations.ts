import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { StoreError } from "../../errors.ts";
import { type Cipher, fingerprint } from "../../secrets.ts";
import type { Credentials, Installation, Installations, ReadableInstallation } from "../store.ts";
import { type Commits, reading } from "./commits.ts";
import { createInstallationLeases } from "./installation-leases.ts";
import { createReadCache } from "./read-cache.ts";

const installationRow = z.object({
  license_id: z.number(),
  bot_id: z.string(),
  credentials: z.instanceof(Uint8Array),
  obtained_at: z.number(),
  expires_at: z.number(),
  bot_is_current: z.number(),
  needs_reinstall: z.number(),
  bot_is_gone: z.number(),
  webhook_url: z.string(),
});

const credentialsText = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  webhookSecret: z.string(),
});

const SAVE = `
  INSERT OR REPLACE INTO installations
    (license_id, bot_id, secret_fingerprint, credentials, obtained_at, expires_at, bot_is_current, needs_reinstall,
     bot_is_gone, webhook_url)
  VALUES (:licenseId, :botId, :fingerprint, :credentials, :obtainedAt, :expiresAt, :botIsCurrent, :needsReinstall,
          :botIsGone, :webhookUrl)`;

export function createInstallations(
  db: DatabaseSync,
  commits: Commits,
  cipher: Cipher | null,
): Installations {
  const save = db.prepare(SAVE);
  const find = db.prepare("SELECT * FROM installations WHERE license_id = ?");
  const findBySecret = db.prepare("SELECT * FROM installations WHERE secret_fingerprint = ?");
  const list = db.prepare("SELECT * FROM installations ORDER BY license_id");
  const remove = db.prepare("DELETE FROM installations WHERE license_id = ?");
  const byLicense = createReadCache(db, (licenseId: number) => optional(find.get(licenseId), installationOf));
  const byFingerprint = createReadCache(db, (one: string) => optional(findBySecret.get(one), installationOf));

  // Whoever has got a lease must see what its last owner has written, this turn of the event loop included.
  const leases = createInstallationLeases(db, commits, () => byLicense.clear());

  /** What is written here is not to be read from a cache any more. */
  function changing<T>(work: () => T): Promise<T> {
    return commits.write(() => {
      byLicense.clear();
      byFingerprint.clear();
      return work();
    });
  }

  function installationOf(row: unknown): Installation {
    const read = installationRow.parse(row);
    return {
      licenseId: read.license_id,
      botId: read.bot_id,
      credentials: credentialsOf(cipher?.open(read.credentials, contextOf(read.license_id)) ?? null),
      obtainedAt: read.obtained_at,
      expiresAt: read.expires_at,
      botIsCurrent: read.bot_is_current === 1,
      needsReinstall: read.needs_reinstall === 1,
      botIsGone: read.bot_is_gone === 1,
      webhookUrl: read.webhook_url,
    };
  }

  function sealed(licenseId: number, credentials: Credentials): Buffer {
    if (!cipher) throw new StoreError("An installation was to be saved without a key to encrypt it.");
    return cipher.seal(JSON.stringify(credentials), contextOf(licenseId));
  }

  function rowOf({ credentials, ...installation }: ReadableInstallation) {
    const { licenseId, botId, obtainedAt, expiresAt, webhookUrl } = installation;
    return {
      licenseId,
      botId,
      fingerprint: fingerprint(credentials.webhookSecret),
      credentials: sealed(licenseId, credentials),
      obtainedAt,
      expiresAt,
      botIsCurrent: Number(installation.botIsCurrent),
      needsReinstall: Number(installation.needsReinstall),
      botIsGone: Number(installation.botIsGone),
      webhookUrl,
    };
  }

  return {
    async save(installation) {
      const row = rowOf(installation);
      await changing(() => save.run(row));
    },
    async replace(installation, expected) {
      const row = rowOf(installation);
      return changing(() => {
        const stored = optional(find.get(installation.licenseId), installationOf);
        if (!isSameCredentials(stored?.credentials ?? null, expected)) return false;
        save.run(row);
        return true;
      });
    },
    find: async (licenseId) => reading(() => byLicense.get(licenseId)),
    findBySecret: async (secret) => reading(() => byFingerprint.get(fingerprint(secret))),
    list: async () => reading(() => list.all().map(installationOf)),
    remove: (licenseId) => changing(() => remove.run(licenseId).changes === 1),
    ...leases,
  };
}

function contextOf(licenseId: number): string {
  return `installation ${licenseId}`;
}

function credentialsOf(text: string | null): Credentials | null {
  return text === null ? null : credentialsText.parse(JSON.parse(text));
}

function isSameCredentials(stored: Credentials | null, expected: Credentials): boolean {
  return (
    stored !== null &&
    stored.accessToken === expected.accessToken &&
    stored.refreshToken === expected.refreshToken &&
    stored.webhookSecret === expected.webhookSecret
  );
}

function optional<T>(row: unknown, read: (row: unknown) => T): T | null {
  return row === undefined ? null : read(row);
}
