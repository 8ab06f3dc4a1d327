import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { JOB_STATES, type JobState } from "../store.ts";

/** The jobs of a platform in one state: settled ones have an index for each such group. */
export type Group = { readonly platform: string; readonly state: JobState };

export type Groups = {
  /** Those with any jobs, "done" ones before "dead" ones. */
  settled(): Group[];
  /** Whether a job of the platform, or of the quota, waits or is in hand. */
  hasUnsettled(by: "platform" | "quota", name: string): boolean;
};

// This table has a row for each state and platform.
const SETTLED =
  "SELECT platform, state FROM job_counts WHERE state IN ('done', 'dead') AND jobs > 0 ORDER BY state DESC, platform DESC";
const UNSETTLED =
  "SELECT 1 FROM job_counts WHERE state IN ('waiting', 'working') AND platform = ? AND jobs > 0";

/** The first job of a lane, whose jobs have one quota, waits (those have an index by quota) or is in hand (these are few). */
const UNSETTLED_OF_QUOTA = `
  SELECT 1 FROM jobs WHERE quota = ?1 AND state = 'waiting' AND is_first = 1
  UNION ALL SELECT 1 FROM jobs INDEXED BY jobs_leased WHERE state = 'working' AND quota = ?1`;

const groupRow = z.object({ platform: z.string(), state: z.enum(JOB_STATES) });

export function createGroups(db: DatabaseSync): Groups {
  const settled = db.prepare(SETTLED);
  const unsettled = { platform: db.prepare(UNSETTLED), quota: db.prepare(UNSETTLED_OF_QUOTA) };
  return {
    settled: () => settled.all().map((row) => groupRow.parse(row)),
    hasUnsettled: (by, name) => unsettled[by].get(name) !== undefined,
  };
}
