import type { DatabaseSync } from "node:sqlite";
import type { PlatformName } from "../../job.ts";
import type { Installations } from "../store.ts";
import type { Commits } from "./commits.ts";

/** A lease that would last longer than twice its length was taken before the clock was set back, and is void. */
const LEASE = `
  INSERT INTO installation_leases (platform, account, owner, lease_ms, lease_until)
  VALUES (:platform, :account, :owner, :leaseMs, :now + :leaseMs)
  ON CONFLICT (platform, account) DO UPDATE
    SET owner = excluded.owner, lease_ms = excluded.lease_ms, lease_until = excluded.lease_until
    WHERE owner = excluded.owner OR lease_until <= :now OR lease_until > :now + 2 * installation_leases.lease_ms`;

const RELEASE = "DELETE FROM installation_leases WHERE platform = ? AND account = ? AND owner = ?";

/** Who may change an installation now. `isLeased` is called in the commit by which somebody gets a lease. */
export function createInstallationLeases(
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
