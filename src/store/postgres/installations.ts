import { z } from "zod";
import type { PlatformName } from "../../job.ts";
import type { Cipher } from "../../secrets.ts";
import { type CipherOf, isSameCredentials } from "../credentials.ts";
import { INSTALLATION_COLUMNS, OVERWRITE_INSTALLATION } from "../installation-columns.ts";
import { inOrderOfAccounts, NO_INSTALLATIONS } from "../installation-state.ts";
import type { AllInstallations, Installation, Installations } from "../store.ts";
import { createGroup, type Group, reading, writing } from "./commits.ts";
import type { Connections } from "./connections.ts";
import { unreadable } from "./failures.ts";
import { countByState, createInstallationQueries } from "./installation-queries.ts";
import { createInstallationRows } from "./installation-rows.ts";

const SAVE = `
  INSERT INTO chatops.installations
    (${INSTALLATION_COLUMNS})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
  ON CONFLICT (platform, account) DO UPDATE ${OVERWRITE_INSTALLATION}`;

const SELECT = "SELECT * FROM chatops.installations WHERE platform = $1";
const FIND_TO_CHANGE = `${SELECT} AND account = $2 FOR UPDATE`;
const findSql = (column: "account" | "lookup") => `
  SELECT wanted.place, found.* FROM unnest($2::text[]) WITH ORDINALITY AS wanted (value, place)
  JOIN chatops.installations AS found ON found.platform = $1 AND found.${column} = wanted.value`;
const PAGE = `${SELECT} AND account > $2 ORDER BY account LIMIT $3`;
const REMOVE = "DELETE FROM chatops.installations WHERE platform = $1 AND account = $2 RETURNING account";

const placeRow = z.object({ place: z.number() });

/** A lease with more than twice its length left was taken before the clock was set back, and is void. */
const LEASE = `
  INSERT INTO chatops.installation_leases AS held (platform, account, owner, lease_ms, lease_until)
  VALUES ($1, $2, $3, $4, chatops.now_ms() + $4)
  ON CONFLICT (platform, account) DO UPDATE
    SET owner = excluded.owner, lease_ms = excluded.lease_ms, lease_until = excluded.lease_until
    WHERE held.owner = excluded.owner OR held.lease_until <= chatops.now_ms()
      OR held.lease_until > chatops.now_ms() + 2 * held.lease_ms
  RETURNING owner`;
const RELEASE = "DELETE FROM chatops.installation_leases WHERE platform = $1 AND account = $2 AND owner = $3";

/** Read and decrypted in one turn of the event loop. */
const LISTED_AT_ONCE = 100;

export function createAllInstallations(connections: Connections, cipherOf: CipherOf): AllInstallations {
  const counts = () =>
    countByState(connections.query, (platform, keyId) => {
      const cipher = cipherOf(platform);
      return cipher !== null && [cipher.keyId, ...cipher.earlierKeyIds].includes(keyId);
    });
  const of = (platform: PlatformName) =>
    createInstallations(
      connections,
      platform,
      cipherOf(platform),
      async () => (await counts()).get(platform) ?? NO_INSTALLATIONS,
    );
  return {
    of,
    countByState: counts,
    async list() {
      const all: Installation[] = [];
      for (const platform of (await counts()).keys()) all.push(...(await of(platform).list()));
      return all;
    },
  };
}

function createInstallations(
  { query, transaction }: Connections,
  platform: PlatformName,
  cipher: Cipher | null,
  counts: Installations["countByState"],
): Installations {
  const rows = createInstallationRows(platform, cipher);

  /** Each delivery and each job looks for an installation: those that do so at once share a statement. */
  function createFinding(sql: string): Group<string, Installation | null> {
    return createGroup(async (values) => {
      const wanted = [...new Set(values)];
      const found = new Map<string | undefined, Installation>();
      for (const row of await query(sql, [platform, wanted])) {
        found.set(wanted[placeRow.parse(row).place - 1], rows.read(row));
      }
      return values.map((value) => found.get(value) ?? null);
    }, unreadable);
  }
  const byAccount = createFinding(findSql("account"));
  const byLookup = createFinding(findSql("lookup"));

  return {
    async save(installation) {
      const row = rows.write(installation);
      await writing(() => query(SAVE, row));
    },
    async replace(installation, expected) {
      const row = rows.write(installation);
      return writing(() =>
        transaction({}, async (inside, isRepeat) => {
          const [found] = await inside(FIND_TO_CHANGE, [platform, installation.account]);
          const stored = found === undefined ? null : rows.read(found).credentials;
          // An earlier try may have replaced it, and lost only the answer.
          const isDone = isRepeat && isSameCredentials(stored, installation.credentials);
          if (!isDone && !isSameCredentials(stored, expected)) return false;
          await inside(SAVE, row);
          return true;
        }),
      );
    },
    find: byAccount.add,
    findByLookup: byLookup.add,
    async list() {
      const all: Installation[] = [];
      for (;;) {
        const after = all.at(-1)?.account ?? "";
        const found = await reading(() => query(PAGE, [platform, after, LISTED_AT_ONCE]));
        all.push(...found.map(rows.read));
        if (found.length < LISTED_AT_ONCE) break;
      }
      return all.toSorted(inOrderOfAccounts);
    },
    countByState: counts,
    remove: async (account) => (await writing(() => query(REMOVE, [platform, account]))).length === 1,
    ...createInstallationQueries(query, platform, cipher?.keyId ?? null),
    lease: async (account, owner, leaseMs) =>
      (await writing(() => query(LEASE, [platform, account, owner, leaseMs]))).length === 1,
    async release(account, owner) {
      await writing(() => query(RELEASE, [platform, account, owner]));
    },
  };
}
