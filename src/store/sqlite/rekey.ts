import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { type CipherOf, openCredentials, sealCredentials } from "../credentials.ts";
import { platformName } from "../job-columns.ts";

const platformRow = z.object({ platform: platformName });
const sealedRow = platformRow.extend({
  account: z.string(),
  credentials: z.instanceof(Uint8Array),
  sealed_with: z.string(),
});

/**
 * Encrypts with the current key all credentials that an earlier key opens, so that the earlier secret can be removed. This
 * includes those of an early release, which did not store the id of the key: only credentials with an id count as
 * readable. The others are left for a start that has their key.
 */
export function rekey(db: DatabaseSync, cipherOf: CipherOf): void {
  const otherwise = db.prepare(`
    SELECT platform, account, credentials, sealed_with FROM installations WHERE platform = ? AND sealed_with <> ?`);
  const update = db.prepare(`
    UPDATE installations SET credentials = :credentials, sealed_with = :sealedWith
    WHERE platform = :platform AND account = :account`);
  const platforms = db.prepare("SELECT DISTINCT platform FROM installations").all();
  for (const { platform } of platforms.map((row) => platformRow.parse(row))) {
    const cipher = cipherOf(platform);
    if (cipher === null) continue;
    const known = ["", ...cipher.earlierKeyIds];
    for (const row of otherwise.all(platform, cipher.keyId).map((one) => sealedRow.parse(one))) {
      if (!known.includes(row.sealed_with)) continue;
      const credentials = openCredentials(cipher, row.credentials, row);
      if (credentials === null) continue;
      update.run({ platform, account: row.account, ...sealCredentials(cipher, credentials, row) });
    }
  }
}
