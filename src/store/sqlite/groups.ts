import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { JOB_STATES, type JobState } from "../store.ts";

/** The jobs of a platform in one state: settled ones have an index for each such group. */
export type Group = { readonly platform: string; readonly state: JobState };

export type Groups = {
  /** Those with any jobs, "done" ones before "dead" ones. */
  settled(): Group[];
  /** Whether a job of the platform waits or is in hand. */
  hasUnsettled(platform: string): boolean;
};

// This table has a row for each state and platform.
const SETTLED =
  "SELECT platform, state FROM job_counts WHERE state IN ('done', 'dead') AND jobs > 0 ORDER BY state DESC, platform DESC";
const UNSETTLED =
  "SELECT 1 FROM job_counts WHERE state IN ('waiting', 'working') AND platform = ? AND jobs > 0";

const groupRow = z.object({ platform: z.string(), state: z.enum(JOB_STATES) });

export function createGroups(db: DatabaseSync): Groups {
  const settled = db.prepare(SETTLED);
  const unsettled = db.prepare(UNSETTLED);
  return {
    settled: () => settled.all().map((row) => groupRow.parse(row)),
    hasUnsettled: (platform) => unsettled.get(platform) !== undefined,
  };
}
