import type { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Cipher, fingerprint } from "../../secrets.ts";
import type { Credentials, Installation, Installations } from "../store.ts";
import { type Commits, reading } from "./commits.ts";
import { createInstallationLeases } from "./installation-leases.ts";
import { createInstallationQueries } from "./installation-queries.ts";
import { createInstallationRows } from "./installation-rows.ts";
import { createReadCache } from "./read-cache.ts";

/** No REPLACE: that would delete the row without the triggers that count. */
const SAVE = `
  INSERT INTO installations
    (license_id, bot_id, secret_fingerprint, credentials, sealed_with, obtained_at, expires_at, bot_is_current,
     needs_reinstall, bot_is_gone, webhook_url)
  VALUES (:licenseId, :botId, :fingerprint, :credentials, :sealedWith, :obtainedAt, :expiresAt, :botIsCurrent,
          :needsReinstall, :botIsGone, :webhookUrl)
  ON CONFLICT (license_id) DO UPDATE
    SET bot_id = excluded.bot_id, secret_fingerprint = excluded.secret_fingerprint, credentials = excluded.credentials,
        sealed_with = excluded.sealed_with, obtained_at = excluded.obtained_at, expires_at = excluded.expires_at,
        bot_is_current = excluded.bot_is_current, needs_reinstall = excluded.needs_reinstall,
        bot_is_gone = excluded.bot_is_gone, webhook_url = excluded.webhook_url`;

/** Listed in one turn of the event loop; to read and decrypt one takes 25 µs. */
const LISTED_AT_ONCE = 100;

export function createInstallations(
  db: DatabaseSync,
  commits: Commits,
  cipher: Cipher | null,
): Installations {
  const rows = createInstallationRows(cipher);
  const save = db.prepare(SAVE);
  const find = db.prepare("SELECT * FROM installations WHERE license_id = ?");
  const findBySecret = db.prepare("SELECT * FROM installations WHERE secret_fingerprint = ?");
  const first = db.prepare("SELECT * FROM installations ORDER BY license_id LIMIT ?");
  const next = db.prepare("SELECT * FROM installations WHERE license_id > ? ORDER BY license_id LIMIT ?");
  for (const query of [find, findBySecret, first, next]) query.setReadBigInts(true);
  const remove = db.prepare("DELETE FROM installations WHERE license_id = ?");
  const byLicense = createReadCache(db, (licenseId: number) => optional(find.get(licenseId), rows.read));
  const byFingerprint = createReadCache(db, (one: string) => optional(findBySecret.get(one), rows.read));
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

  return {
    async save(installation) {
      const row = rows.write(installation);
      await changing(() => save.run(row));
    },
    async replace(installation, expected) {
      const row = rows.write(installation);
      return changing(() => {
        const stored = optional(find.get(installation.licenseId), rows.read);
        if (!isSameCredentials(stored?.credentials ?? null, expected)) return false;
        save.run(row);
        return true;
      });
    },
    find: async (licenseId) => reading(() => byLicense.get(licenseId)),
    findBySecret: async (secret) => reading(() => byFingerprint.get(fingerprint(secret))),
    async list() {
      const all: Installation[] = [];
      let page = reading(() => first.all(LISTED_AT_ONCE));
      while (page.length > 0) {
        all.push(...page.map(rows.read));
        // As it was read: a BigInt, since an odd row may have a number that no other one holds exactly.
        const after = page.at(-1)?.license_id ?? null;
        if (page.length < LISTED_AT_ONCE) break;
        await nextTurn();
        page = reading(() => next.all(after, LISTED_AT_ONCE));
      }
      return all;
    },
    remove: (licenseId) => changing(() => remove.run(licenseId).changes === 1),
    ...createInstallationQueries(db, cipher?.keyId ?? null),
    ...leases,
  };
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
