import type { DatabaseSync } from "node:sqlite";
import type { Installations } from "../store.ts";
import type { Commits } from "./commits.ts";

/** A lease that would last longer than twice its length was taken before the clock was set back, and is void. */
const TAKE = `
  INSERT INTO installation_leases (license_id, owner, lease_ms, lease_until)
  VALUES (:licenseId, :owner, :leaseMs, :now + :leaseMs)
  ON CONFLICT (license_id) DO UPDATE
    SET owner = excluded.owner, lease_ms = excluded.lease_ms, lease_until = excluded.lease_until
    WHERE owner = excluded.owner OR lease_until <= :now OR lease_until > :now + 2 * installation_leases.lease_ms`;

/** Who may change an installation now. `taken` is called in the commit by which somebody gets a lease. */
export function createInstallationLeases(
  db: DatabaseSync,
  commits: Commits,
  taken: () => void,
): Pick<Installations, "lease" | "release"> {
  const take = db.prepare(TAKE);
  const giveBack = db.prepare("DELETE FROM installation_leases WHERE license_id = ? AND owner = ?");
  return {
    lease: (licenseId, owner, leaseMs) =>
      commits.write(() => {
        taken();
        return take.run({ licenseId, owner, leaseMs, now: Date.now() }).changes === 1;
      }),
    async release(licenseId, owner) {
      await commits.write(() => giveBack.run(licenseId, owner));
    },
  };
}
