import { z } from "zod";
import { type CipherOf, openCredentials, sealCredentials } from "../credentials.ts";
import { platformName } from "../job-columns.ts";
import type { Connections } from "./connections.ts";

const PLATFORMS = "SELECT DISTINCT platform FROM chatops.installations";
const OTHERWISE = `
  SELECT platform, account, credentials, sealed_with FROM chatops.installations
  WHERE platform = $1 AND sealed_with = ANY($2) AND account > $3 ORDER BY account LIMIT 100`;
/** Only if nobody has saved others meanwhile. */
const SEAL = `
  UPDATE chatops.installations SET credentials = $3, sealed_with = $4
  WHERE platform = $1 AND account = $2 AND credentials = $5`;

const platformRow = z.object({ platform: platformName });
const sealedRow = platformRow.extend({
  account: z.string(),
  credentials: z.instanceof(Uint8Array),
  sealed_with: z.string(),
});

/**
 * Encrypts with the current key all credentials that an earlier key opens, so that the earlier secret can be removed. The others
 * are left for a start that has their key.
 */
export async function rekey({ query }: Pick<Connections, "query">, cipherOf: CipherOf): Promise<void> {
  for (const row of await query(PLATFORMS, [])) {
    const { platform } = platformRow.parse(row);
    const cipher = cipherOf(platform);
    if (cipher === null || cipher.earlierKeyIds.length === 0) continue;
    for (let after = ""; ; ) {
      const rows = await query(OTHERWISE, [platform, cipher.earlierKeyIds, after]);
      const last = rows.at(-1);
      if (last === undefined) break;
      after = sealedRow.parse(last).account;
      for (const one of rows.map((found) => sealedRow.parse(found))) {
        const credentials = openCredentials(cipher, one.credentials, one);
        if (credentials === null) continue;
        const sealed = sealCredentials(cipher, credentials, one);
        await query(SEAL, [platform, one.account, sealed.credentials, sealed.sealedWith, one.credentials]);
      }
    }
  }
}
