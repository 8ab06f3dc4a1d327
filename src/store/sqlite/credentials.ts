import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { PlatformName } from "../../job.ts";
import type { Cipher } from "../../secrets.ts";
import type { Credentials, Installation } from "../store.ts";
import { platformName } from "./job-rows.ts";

/** What encrypts a platform's credentials, always the same; null if it keeps none. */
export type CipherOf = (platform: PlatformName) => Cipher | null;

const credentialsText = z.record(z.string(), z.string());

type Place = Pick<Installation, "platform" | "account">;

/** null: no key opens them, or this server never wrote them. */
export function openCredentials(
  cipher: Cipher,
  sealed: Uint8Array,
  { platform, account }: Place,
): Credentials | null {
  // Releases that knew only chat.io's licenses did not bind in the platform.
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
