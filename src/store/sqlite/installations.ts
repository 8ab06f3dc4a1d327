import type { DatabaseSync } from "node:sqlite";
import { type Cipher, fingerprint } from "../../secrets.ts";
import type { Credentials, Installation, Installations } from "../store.ts";
import { type Commits, reading } from "./commits.ts";
import { createInstallationLeases } from "./installation-leases.ts";
import { createInstallationRows } from "./installation-rows.ts";
import { createListCache } from "./list-cache.ts";
import { createReadCache } from "./read-cache.ts";

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
  const rows = createInstallationRows(cipher);
  const save = db.prepare(SAVE);
  const find = db.prepare("SELECT * FROM installations WHERE license_id = ?");
  const findBySecret = db.prepare("SELECT * FROM installations WHERE secret_fingerprint = ?");
  const list = db.prepare("SELECT * FROM installations ORDER BY license_id");
  for (const query of [find, findBySecret, list]) query.setReadBigInts(true);
  const remove = db.prepare("DELETE FROM installations WHERE license_id = ?");
  const byLicense = createReadCache(db, (licenseId: number) => optional(find.get(licenseId), rows.read));
  const byFingerprint = createReadCache(db, (one: string) => optional(findBySecret.get(one), rows.read));
  const all = createListCache(
    db,
    () => list.all().map((row) => withKey(rows.read(row))),
    (licenseId) => optional(find.get(licenseId), rows.read),
  );
  // Whoever has got a lease must see what its last owner has written, this turn of the event loop included.
  const leases = createInstallationLeases(db, commits, () => byLicense.clear());

  /** What is written here is not to be read from a cache any more. */
  function changing<T>(licenseId: number, work: () => T): Promise<T> {
    return commits.write(() => {
      all.changed(licenseId);
      byLicense.clear();
      byFingerprint.clear();
      return work();
    });
  }

  return {
    async save(installation) {
      const row = rows.write(installation);
      await changing(installation.licenseId, () => save.run(row));
    },
    async replace(installation, expected) {
      const row = rows.write(installation);
      return changing(installation.licenseId, () => {
        const stored = optional(find.get(installation.licenseId), rows.read);
        if (!isSameCredentials(stored?.credentials ?? null, expected)) return false;
        save.run(row);
        return true;
      });
    },
    find: async (licenseId) => reading(() => byLicense.get(licenseId)),
    findBySecret: async (secret) => reading(() => byFingerprint.get(fingerprint(secret))),
    list: async () => reading(all.list),
    remove: (licenseId) => changing(licenseId, () => remove.run(licenseId).changes === 1),
    ...leases,
  };
}

function withKey(installation: Installation): [number, Installation] {
  return [installation.licenseId, installation];
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
