import type { PlatformName } from "../job.ts";
import { JOB_STATES, type JobState } from "../store/store.ts";

/** Which jobs the list on /status shows, as its address says. Nothing else of an address gets into it. */
export type JobsQuery = {
  /** null: all. */
  readonly state: JobState | null;
  readonly platform: PlatformName | null;
  /** A tenant of the platform or, without a platform, of any. */
  readonly account: string | null;
  /** The page begins after this position, or ends before that one. */
  readonly older: string | null;
  readonly newer: string | null;
};

export const ALL_JOBS: JobsQuery = { state: null, platform: null, account: null, older: null, newer: null };

const LONGEST_ACCOUNT = 100;

/** Reads an address or a form. What does not exist, such as an unknown platform, counts as not given. */
export function readJobsQuery(
  field: (name: string) => string | null,
  platforms: readonly PlatformName[],
): JobsQuery {
  const account = field("account")?.trim().slice(0, LONGEST_ACCOUNT) ?? "";
  return {
    state: JOB_STATES.find((state) => state === field("state")) ?? null,
    platform: platforms.find((name) => name === field("platform")) ?? null,
    account: account === "" ? null : account,
    older: field("older"),
    newer: field("newer"),
  };
}

/** The first page of the same list. */
export function firstPageOf(query: JobsQuery): JobsQuery {
  return { ...query, older: null, newer: null };
}

/** The fields that are given, for an address or a form. */
export function fieldsOf(query: JobsQuery): [string, string][] {
  return Object.entries(query).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
}

/** The address of the list; `notice` names what the page says about what was done. */
export function listPath(query: JobsQuery, notice?: string): string {
  const fields = new URLSearchParams([...fieldsOf(query), ...(notice ? [["notice", notice]] : [])]);
  return `/status${fields.size > 0 ? `?${fields}` : ""}#inbox`;
}

/** The address of a job's page. */
export function jobPath(key: string, notice?: string): string {
  return `/status/jobs/${encodeURIComponent(key.toWellFormed())}${notice ? `?notice=${notice}` : ""}`;
}
