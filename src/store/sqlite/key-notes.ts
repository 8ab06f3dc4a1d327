import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { Cipher } from "../../secrets.ts";
import { createInstallationRows } from "./installation-rows.ts";

const licenseRow = z.object({ license_id: z.bigint() });

/**
 * Notes by which key the installations of an earlier release are encrypted, as far as it is the one at hand: only those are
 * counted as readable, and cared for. Others are looked at again at the next start, which may have their key.
 */
export function noteKeys(db: DatabaseSync, cipher: Cipher | null): void {
  if (cipher === null) return;
  const rows = createInstallationRows(cipher);
  const unknown = db.prepare("SELECT * FROM installations WHERE sealed_with = '' AND needs_reinstall = 0");
  unknown.setReadBigInts(true);
  const note = db.prepare("UPDATE installations SET sealed_with = ? WHERE license_id = ?");
  for (const row of unknown.all()) {
    const { credentials, licenseId } = rows.read(row);
    if (credentials === null || !Number.isSafeInteger(licenseId)) continue;
    note.run(cipher.keyId, licenseRow.parse(row).license_id);
  }
}
