import { z } from "zod";
import type { PlatformName } from "../../job.ts";
import type { Cipher } from "../../secrets.ts";
import { columnsOf, installationFrom, keptRow } from "../installation-columns.ts";
import type { Installation, InstallationWithCredentials } from "../store.ts";
import type { Value } from "./connections.ts";

const row = keptRow(z.number(), z.boolean());

export type InstallationRows = {
  /** Reads a row, even if its credentials cannot be read. */
  read(found: unknown): Installation;
  /** The values of a row, in the order of INSTALLATION_COLUMNS. Throws StoreError for values that the database would refuse. */
  write(installation: InstallationWithCredentials): readonly Value[];
};

/** Reads and writes the rows of a platform's installations, with encrypted credentials. Without a cipher, none can be written. */
export function createInstallationRows(platform: PlatformName, cipher: Cipher | null): InstallationRows {
  return {
    read: (found) => installationFrom(row.parse(found), cipher),
    write(installation) {
      const columns = columnsOf(installation, platform, cipher);
      return [
        columns.platform,
        columns.account,
        columns.botId,
        columns.lookup,
        columns.credentials,
        columns.sealedWith,
        columns.details,
        columns.obtainedAt,
        columns.expiresAt,
        columns.botIsCurrent,
        columns.needsReinstall,
        columns.botIsGone,
        columns.webhookUrl,
      ];
    },
  };
}
