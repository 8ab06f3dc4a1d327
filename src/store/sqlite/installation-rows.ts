import { z } from "zod";
import type { PlatformName } from "../../job.ts";
import type { Cipher } from "../../secrets.ts";
import {
  columnsOf,
  INSTALLATION_COLUMNS,
  installationFrom,
  keptRow,
  wholeMs,
} from "../installation-columns.ts";
import type { Installation, InstallationWithCredentials } from "../store.ts";

// Earlier releases stored any number that chat.io sent. SQLite's integers are larger than JavaScript's, so they are read
// as BigInts and clamped: one odd row must not keep the others from being read.
const moment = z.bigint().transform((ms) => wholeMs(Number(ms)));
const flag = z.bigint().transform((value) => value !== 0n);
const row = keptRow(moment, flag);

/** With the named values of `write`. */
export const INSERT_INSTALLATION = `
  INSERT INTO installations (${INSTALLATION_COLUMNS})
  VALUES (:platform, :account, :botId, :lookup, :credentials, :sealedWith, :details, :obtainedAt, :expiresAt,
          :botIsCurrent, :needsReinstall, :botIsGone, :webhookUrl)`;

export type InstallationRows = {
  /** Reads a row of BigInts, even if its credentials cannot be read. */
  read(found: unknown): Installation;
  /** The values of a row. Throws StoreError for values that the database would refuse, so that no commit fails by them. */
  write(installation: InstallationWithCredentials): Record<string, string | number | Uint8Array | null>;
};

/** Reads and writes the rows of a platform's installations, with encrypted credentials. Without a cipher, none can be written. */
export function createInstallationRows(platform: PlatformName, cipher: Cipher | null): InstallationRows {
  return {
    read: (found) => installationFrom(row.parse(found), cipher),
    write(installation) {
      const columns = columnsOf(installation, platform, cipher);
      return {
        ...columns,
        botIsCurrent: Number(columns.botIsCurrent),
        needsReinstall: Number(columns.needsReinstall),
        botIsGone: Number(columns.botIsGone),
      };
    },
  };
}
