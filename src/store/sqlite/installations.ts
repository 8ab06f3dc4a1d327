import type { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { PlatformName } from "../../job.ts";
import type { Cipher } from "../../secrets.ts";
import { type CipherOf, isSameCredentials } from "../credentials.ts";
import { OVERWRITE_INSTALLATION } from "../installation-columns.ts";
import { type InstallationCounts, inOrderOfAccounts, NO_INSTALLATIONS } from "../installation-state.ts";
import type { AllInstallations, Installation, Installations } from "../store.ts";
import { type Commits, reading } from "./commits.ts";
import { createInstallationQueries, createStateCount } from "./installation-queries.ts";
import { createInstallationRows, INSERT_INSTALLATION } from "./installation-rows.ts";
import { createReadCache } from "./read-cache.ts";

// Installations are kept by four files: this one saves, finds and leases them; installation-queries.ts selects and counts many
// by index; installation-rows.ts turns rows into installations and back; store/credentials.ts encrypts what is secret in them.

/** Not REPLACE, which deletes the row without the triggers that count. */
const SAVE = `
  ${INSERT_INSTALLATION}
  ON CONFLICT (platform, account) DO UPDATE ${OVERWRITE_INSTALLATION}`;

const SELECT = "SELECT * FROM installations WHERE platform = ?";

/** Read in one turn of the event loop; reading and decrypting one takes 25 µs. */
const LISTED_AT_ONCE = 100;

export function createAllInstallations(
  db: DatabaseSync,
  commits: Commits,
  cipherOf: CipherOf,
): AllInstallations {
  const countByState = createStateCount(db, (platform, keyId) => {
    const cipher = cipherOf(platform);
    return cipher !== null && [cipher.keyId, ...cipher.earlierKeyIds].includes(keyId);
  });
  const made = new Map<PlatformName, Installations>();

  /** One for each platform, since each remembers what it has read until it writes. */
  function of(platform: PlatformName): Installations {
    const installations =
      made.get(platform) ??
      createInstallations(db, commits, platform, cipherOf(platform), () => countByState().get(platform));
    made.set(platform, installations);
    return installations;
  }

  return {
    of,
    countByState: async () => countByState(),
    async list() {
      const all: Installation[] = [];
      for (const platform of countByState().keys()) all.push(...(await of(platform).list()));
      return all;
    },
  };
}

function createInstallations(
  db: DatabaseSync,
  commits: Commits,
  platform: PlatformName,
  cipher: Cipher | null,
  countByState: () => InstallationCounts | undefined,
): Installations {
  const rows = createInstallationRows(platform, cipher);
  const save = db.prepare(SAVE);
  const find = db.prepare(`${SELECT} AND account = ?`);
  const findByLookup = db.prepare(`${SELECT} AND lookup = ?`);
  const page = db.prepare(`${SELECT} AND account > ? ORDER BY account LIMIT ?`);
  for (const query of [find, findByLookup, page]) query.setReadBigInts(true);
  const remove = db.prepare("DELETE FROM installations WHERE platform = ? AND account = ?");
  const byAccount = createReadCache(db, (account: string) =>
    optional(find.get(platform, account), rows.read),
  );
  const byLookup = createReadCache(db, (one: string) => optional(findByLookup.get(platform, one), rows.read));
  // Whoever gets a lease must see what its last owner wrote, even in this turn of the event loop.
  const leases = createInstallationLeases(db, commits, platform, () => byAccount.clear());

  /** Nothing written here may be read from a cache any more. */
  function changing<T>(work: () => T): Promise<T> {
    return commits.write(() => {
      byAccount.clear();
      byLookup.clear();
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
        const stored = optional(find.get(platform, installation.account), rows.read);
        if (!isSameCredentials(stored?.credentials ?? null, expected)) return false;
        save.run(row);
        return true;
      });
    },
    find: async (account) => reading(() => byAccount.get(account)),
    findByLookup: async (lookup) => reading(() => byLookup.get(lookup)),
    async list() {
      const all: Installation[] = [];
      for (;;) {
        const after = all.at(-1)?.account ?? "";
        const found = reading(() => page.all(platform, after, LISTED_AT_ONCE).map(rows.read));
        all.push(...found);
        if (found.length < LISTED_AT_ONCE) break;
        await nextTurn();
      }
      return all.toSorted(inOrderOfAccounts);
    },
    countByState: async () => countByState() ?? NO_INSTALLATIONS,
    remove: (account) => changing(() => remove.run(platform, account).changes === 1),
    ...createInstallationQueries(db, platform, cipher?.keyId ?? null),
    ...leases,
  };
}

function optional<T>(row: unknown, read: (row: unknown) => T): T | null {
  return row === undefined ? null : read(row);
}

/** A lease with more than twice its length left was taken before the clock was set back, and is void. */
const LEASE = `
  INSERT INTO installation_leases (platform, account, owner, lease_ms, lease_until)
  VALUES (:platform, :account, :owner, :leaseMs, :now + :leaseMs)
  ON CONFLICT (platform, account) DO UPDATE
    SET owner = excluded.owner, lease_ms = excluded.lease_ms, lease_until = excluded.lease_until
    WHERE owner = excluded.owner OR lease_until <= :now OR lease_until > :now + 2 * installation_leases.lease_ms`;

const RELEASE = "DELETE FROM installation_leases WHERE platform = ? AND account = ? AND owner = ?";

/** Who may change an installation now. `isLeased` is called in the commit that grants a lease. */
function createInstallationLeases(
  db: DatabaseSync,
  commits: Commits,
  platform: PlatformName,
  isLeased: () => void,
): Pick<Installations, "lease" | "release"> {
  const lease = db.prepare(LEASE);
  const release = db.prepare(RELEASE);
  return {
    lease: (account, owner, leaseMs) =>
      commits.write(() => {
        isLeased();
        return lease.run({ platform, account, owner, leaseMs, now: Date.now() }).changes === 1;
      }),
    async release(account, owner) {
      await commits.write(() => release.run(platform, account, owner));
    },
  };
}
