import { z } from "zod";
import type { PlatformName } from "../../job.ts";
import { type InstallationCounts, NO_INSTALLATIONS } from "../installation-state.ts";
import type { Installations } from "../store.ts";
import { reading } from "./commits.ts";
import type { Query } from "./connections.ts";

/** Those that the current key opens and that need no reinstall. Their indexes are for exactly this condition. */
const USABLE = "FROM chatops.installations WHERE NOT needs_reinstall AND platform = $1 AND sealed_with = $2";

/**
 * Each part is one range of an index, read no further than the limit:
 *
 * 1. due at exactly the cursor's time, from the next account on
 * 2. due later
 * 3. and 4. the same for tokens dated in the future, which are due by `obtained_at`
 */
const DUE = `
  (SELECT account, care_at AS due_at ${USABLE}
     AND care_at = $3 AND care_at <= chatops.now_ms() AND account > $4 ORDER BY care_at, account LIMIT $6)
  UNION ALL
  (SELECT account, care_at AS due_at ${USABLE}
     AND care_at > $3 AND care_at <= chatops.now_ms() ORDER BY care_at, account LIMIT $6)
  UNION ALL
  (SELECT account, obtained_at AS due_at ${USABLE}
     AND obtained_at = $3 AND obtained_at > chatops.now_ms() + $5 AND account > $4 AND care_at > chatops.now_ms()
     ORDER BY obtained_at, account LIMIT $6)
  UNION ALL
  (SELECT account, obtained_at AS due_at ${USABLE}
     AND obtained_at > greatest($3, chatops.now_ms() + $5) AND care_at > chatops.now_ms()
     ORDER BY obtained_at, account LIMIT $6)
  ORDER BY due_at, account LIMIT $6`;

const WORKING = `SELECT account ${USABLE} AND account > $3 ORDER BY account LIMIT $4`;
const NEXT_EXPIRY = `SELECT expires_at ${USABLE} ORDER BY expires_at LIMIT 1`;

const COUNT_ELSEWHERE = `
  SELECT coalesce(sum(installations), 0)::bigint AS elsewhere FROM chatops.installation_counts
  WHERE platform = $1 AND webhook_url NOT IN ('', $2)`;

const COUNT_BY_KEY = `
  SELECT platform, needs_reinstall, sealed_with, sum(installations)::bigint AS installations
  FROM chatops.installation_counts GROUP BY 1, 2, 3 HAVING sum(installations) <> 0 ORDER BY 1, 2, 3`;

/** Before every account and every time. */
const START = { dueAt: -1, account: "" };

const dueRow = z
  .object({ account: z.string(), due_at: z.number() })
  .transform(({ account, due_at: dueAt }) => ({ account, dueAt }));
const accountRow = z.object({ account: z.string() });
const elsewhereRow = z.object({ elsewhere: z.number() });
const expiryRow = z.object({ expires_at: z.number() });
const countRow = z.object({
  platform: z.string(),
  needs_reinstall: z.boolean(),
  sealed_with: z.string(),
  installations: z.number(),
});

/** Queries over all installations of a platform, answered by indexes and counts alone. `keyId` null: none can be read. */
export function createInstallationQueries(
  query: Query,
  platform: PlatformName,
  keyId: string | null,
): Pick<Installations, "due" | "working" | "countElsewhere" | "nextExpiry"> {
  // No key has this id. Not '', which marks rows whose key is unknown.
  const key = keyId ?? "none";
  return {
    due: ({ after, limit, clockToleranceMs }) =>
      reading(async () => {
        const { dueAt, account } = after ?? START;
        const rows = await query(DUE, [platform, key, dueAt, account, clockToleranceMs, limit]);
        return rows.map((row) => dueRow.parse(row));
      }),
    working: ({ after, limit }) =>
      reading(async () => {
        const rows = await query(WORKING, [platform, key, after ?? START.account, limit]);
        return rows.map((row) => accountRow.parse(row).account);
      }),
    countElsewhere: (webhookUrl) =>
      reading(async () => {
        const [row] = await query(COUNT_ELSEWHERE, [platform, webhookUrl]);
        return elsewhereRow.parse(row).elsewhere;
      }),
    nextExpiry: () =>
      reading(async () => {
        const [row] = await query(NEXT_EXPIRY, [platform, key]);
        return row === undefined ? null : expiryRow.parse(row).expires_at;
      }),
  };
}

/** Counts the installations of all platforms by state. `canOpen`: whether the platform has the key with that id. */
export async function countByState(
  query: Query,
  canOpen: (platform: PlatformName, keyId: string) => boolean,
): Promise<Map<PlatformName, InstallationCounts>> {
  const rows = await reading(() => query(COUNT_BY_KEY, []));
  const counts = new Map<PlatformName, InstallationCounts>();
  for (const row of rows) {
    const {
      platform,
      needs_reinstall: needsReinstall,
      sealed_with: keyId,
      installations,
    } = countRow.parse(row);
    const readable = canOpen(platform, keyId) ? "ok" : "unreadable";
    const state = needsReinstall ? "needs_reinstall" : readable;
    const earlier = counts.get(platform) ?? NO_INSTALLATIONS;
    counts.set(platform, { ...earlier, [state]: earlier[state] + installations });
  }
  return counts;
}
