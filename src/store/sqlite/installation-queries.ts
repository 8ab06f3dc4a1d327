import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { Installations } from "../store.ts";
import { reading } from "./commits.ts";

/** Those that the key at hand opens and that need no reinstall; the indexes over them are for this condition. */
const WORKING = "FROM installations WHERE needs_reinstall = 0 AND sealed_with = :key";

/**
 * Each part is one range of an index, read no further than the limit: what has been due since the cursor's time, then since
 * later, then the same of what was handed out in the future. The `+` keeps SQLite from taking care_at's index there, in which
 * nearly all of them are in range.
 */
const DUE = `
  SELECT license_id, care_at AS due_at ${WORKING}
    AND care_at = :dueAt AND care_at <= :now AND license_id > :licenseId
  UNION ALL
  SELECT license_id, care_at AS due_at ${WORKING}
    AND care_at > :dueAt AND care_at <= :now
  UNION ALL
  SELECT license_id, obtained_at AS due_at ${WORKING}
    AND obtained_at = :dueAt AND obtained_at > :future AND license_id > :licenseId AND +care_at > :now
  UNION ALL
  SELECT license_id, obtained_at AS due_at ${WORKING}
    AND obtained_at > max(:dueAt, :future) AND +care_at > :now
  ORDER BY due_at, license_id LIMIT :limit`;

const COUNT_BY_STATE = `
  SELECT coalesce(sum(installations) FILTER (WHERE needs_reinstall = 0 AND sealed_with = :key), 0) AS ok,
         coalesce(sum(installations) FILTER (WHERE needs_reinstall = 1), 0) AS needs_reinstall,
         coalesce(sum(installations) FILTER (WHERE needs_reinstall = 0 AND sealed_with <> :key), 0) AS unreadable
  FROM installation_counts`;

const COUNT_ELSEWHERE = `
  SELECT coalesce(sum(installations), 0) AS elsewhere FROM installation_counts
  WHERE webhook_url NOT IN ('', ?)`;

/** Before every license and every time. */
const START = { dueAt: -1, licenseId: Number.MIN_SAFE_INTEGER };

// Earlier releases kept any number, and SQLite's go further than JavaScript's.
const integer = z.bigint().transform(Number);
const dueRow = z
  .object({ license_id: integer, due_at: integer })
  .transform(({ license_id: licenseId, due_at: dueAt }) => ({ licenseId, dueAt }));
const licenseRow = z.object({ license_id: integer });
const countsRow = z.object({ ok: integer, needs_reinstall: integer, unreadable: integer });
const elsewhereRow = z.object({ elsewhere: integer });
const expiryRow = z.object({ expires_at: integer }).optional();

/** What is asked of all installations, and answered from indexes and counts alone. `keyId` null: none can be read. */
export function createInstallationQueries(
  db: DatabaseSync,
  keyId: string | null,
): Pick<Installations, "due" | "working" | "countByState" | "countElsewhere" | "nextExpiry"> {
  // No key has that id; '' is taken, for rows whose key is not known.
  const key = keyId ?? "none";
  const due = db.prepare(DUE);
  const working = db.prepare(
    `SELECT license_id ${WORKING} AND license_id > :after ORDER BY license_id LIMIT :limit`,
  );
  const countByState = db.prepare(COUNT_BY_STATE);
  const countElsewhere = db.prepare(COUNT_ELSEWHERE);
  const nextExpiry = db.prepare(`SELECT expires_at ${WORKING} ORDER BY expires_at LIMIT 1`);
  for (const query of [due, working, countByState, countElsewhere, nextExpiry]) query.setReadBigInts(true);
  return {
    due: async ({ after, limit, clockToleranceMs }) => {
      const now = Date.now();
      const query = { ...(after ?? START), key, now, future: now + clockToleranceMs, limit };
      return reading(() => due.all(query).map((row) => dueRow.parse(row)));
    },
    working: async ({ after, limit }) =>
      reading(() =>
        working
          .all({ key, after: after ?? START.licenseId, limit })
          .map((row) => licenseRow.parse(row).license_id),
      ),
    countByState: async () => reading(() => countsRow.parse(countByState.get({ key }))),
    countElsewhere: async (webhookUrl) =>
      reading(() => elsewhereRow.parse(countElsewhere.get(webhookUrl)).elsewhere),
    nextExpiry: async () => reading(() => expiryRow.parse(nextExpiry.get({ key }))?.expires_at ?? null),
  };
}
