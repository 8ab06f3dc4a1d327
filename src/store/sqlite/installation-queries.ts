import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { PlatformName } from "../../job.ts";
import { type InstallationCounts, NO_INSTALLATIONS } from "../installation-state.ts";
import { platformName } from "../job-columns.ts";
import type { Installations } from "../store.ts";
import { reading } from "./commits.ts";

/** Those that the current key opens and that need no reinstall. Their indexes are for exactly this condition. */
const USABLE = "FROM installations WHERE needs_reinstall = 0 AND platform = :platform AND sealed_with = :key";

/**
 * Each part is one range of an index, read no further than the limit:
 *
 * 1. due at exactly the cursor's time, from the next account on
 * 2. due later
 * 3. and 4. the same for tokens dated in the future, which are due by `obtained_at`. There the `+` keeps SQLite from using
 *    care_at's index, in which nearly all rows are in range.
 */
const DUE = `
  SELECT account, care_at AS due_at ${USABLE}
    AND care_at = :dueAt AND care_at <= :now AND account > :account
  UNION ALL
  SELECT account, care_at AS due_at ${USABLE}
    AND care_at > :dueAt AND care_at <= :now
  UNION ALL
  SELECT account, obtained_at AS due_at ${USABLE}
    AND obtained_at = :dueAt AND obtained_at > :future AND account > :account AND +care_at > :now
  UNION ALL
  SELECT account, obtained_at AS due_at ${USABLE}
    AND obtained_at > max(:dueAt, :future) AND +care_at > :now
  ORDER BY due_at, account LIMIT :limit`;

const COUNT_ELSEWHERE = `
  SELECT coalesce(sum(installations), 0) AS elsewhere FROM installation_counts
  WHERE platform = ? AND webhook_url NOT IN ('', ?)`;

const COUNT_BY_KEY = `
  SELECT platform, needs_reinstall, sealed_with, sum(installations) AS installations
  FROM installation_counts GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;

/** Before every account and every time. */
const START = { dueAt: -1, account: "" };

// Earlier releases stored whatever they were sent; SQLite's integers may be too large for a JavaScript number.
const integer = z.bigint().transform(Number);
const dueRow = z
  .object({ account: z.string(), due_at: integer })
  .transform(({ account, due_at: dueAt }) => ({ account, dueAt }));
const accountRow = z.object({ account: z.string() });
const elsewhereRow = z.object({ elsewhere: integer });
const expiryRow = z.object({ expires_at: integer }).optional();
const countRow = z.object({
  platform: platformName,
  needs_reinstall: integer,
  sealed_with: z.string(),
  installations: integer,
});

/** Queries over all installations of a platform, answered by indexes and counts alone. `keyId` null: none can be read. */
export function createInstallationQueries(
  db: DatabaseSync,
  platform: PlatformName,
  keyId: string | null,
): Pick<Installations, "due" | "working" | "countElsewhere" | "nextExpiry"> {
  // No key has this id. Not '', which marks rows whose key is unknown.
  const key = keyId ?? "none";
  const due = db.prepare(DUE);
  const working = db.prepare(`SELECT account ${USABLE} AND account > :after ORDER BY account LIMIT :limit`);
  const countElsewhere = db.prepare(COUNT_ELSEWHERE);
  const nextExpiry = db.prepare(`SELECT expires_at ${USABLE} ORDER BY expires_at LIMIT 1`);
  for (const query of [due, working, countElsewhere, nextExpiry]) query.setReadBigInts(true);
  return {
    due: async ({ after, limit, clockToleranceMs }) => {
      const now = Date.now();
      const query = { ...(after ?? START), platform, key, now, future: now + clockToleranceMs, limit };
      return reading(() => due.all(query).map((row) => dueRow.parse(row)));
    },
    working: async ({ after, limit }) =>
      reading(() =>
        working
          .all({ platform, key, after: after ?? START.account, limit })
          .map((row) => accountRow.parse(row).account),
      ),
    countElsewhere: async (webhookUrl) =>
      reading(() => elsewhereRow.parse(countElsewhere.get(platform, webhookUrl)).elsewhere),
    nextExpiry: async () =>
      reading(() => expiryRow.parse(nextExpiry.get({ platform, key }))?.expires_at ?? null),
  };
}

/** Counts the installations of all platforms by state. `canOpen`: whether the platform has the key with that id. */
export function createStateCount(
  db: DatabaseSync,
  canOpen: (platform: PlatformName, keyId: string) => boolean,
): () => Map<PlatformName, InstallationCounts> {
  const query = db.prepare(COUNT_BY_KEY);
  query.setReadBigInts(true);
  return () => {
    const counts = new Map<PlatformName, InstallationCounts>();
    for (const row of reading(() => query.all().map((one) => countRow.parse(one)))) {
      const { platform, needs_reinstall: needsReinstall, sealed_with: keyId, installations } = row;
      const readable = canOpen(platform, keyId) ? "ok" : "unreadable";
      const state = needsReinstall === 0 ? readable : "needs_reinstall";
      const earlier = counts.get(platform) ?? NO_INSTALLATIONS;
      counts.set(platform, { ...earlier, [state]: earlier[state] + installations });
    }
    return counts;
  };
}
