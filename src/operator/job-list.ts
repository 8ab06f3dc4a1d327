import type { Titles } from "../health/titles.ts";
import type { InboxDesk, JobFilter, JobRecord } from "../store/store.ts";
import { firstPageOf, type JobsQuery } from "./jobs-query.ts";

const PAGE = 50;

/** A page of the list, and the pages beside it; null: there is none. */
export type JobsPage = {
  readonly jobs: readonly JobRecord[];
  readonly newer: JobsQuery | null;
  readonly older: JobsQuery | null;
};

/** Reads the page that the query asks for. Throws StoreError. */
export async function readJobsPage(
  desk: Pick<InboxDesk, "list">,
  titles: Titles,
  query: JobsQuery,
): Promise<JobsPage> {
  const filter = filterOf(query, titles);
  const first = firstPageOf(query);
  const after = (jobs: readonly JobRecord[]) => neighbour(jobs.at(-1), (older) => ({ ...first, older }));
  const before = (jobs: readonly JobRecord[]) => neighbour(jobs[0], (newer) => ({ ...first, newer }));

  if (query.newer !== null) {
    const found = await desk.list({ ...filter, from: { newerThan: query.newer }, limit: PAGE + 1 });
    const jobs = found.slice(-PAGE);
    if (found.length > PAGE) return { jobs, newer: before(jobs), older: after(jobs) };
    // Otherwise this is the first page, which is shown full.
  }
  const from = query.newer === null && query.older !== null ? { from: { olderThan: query.older } } : {};
  const found = await desk.list({ ...filter, ...from, limit: PAGE + 1 });
  const jobs = found.slice(0, PAGE);
  return {
    jobs,
    newer: "from" in from ? (before(jobs) ?? first) : null,
    older: found.length > PAGE ? after(jobs) : null,
  };
}

function neighbour(job: JobRecord | undefined, query: (position: string) => JobsQuery): JobsQuery | null {
  return job === undefined ? null : query(job.position);
}

function filterOf({ state, platform, account }: JobsQuery, titles: Titles): Omit<JobFilter, "limit"> {
  if (account !== null) return { state, of: { quotas: titles.quotasOf(account, platform) } };
  return platform === null ? { state } : { state, of: { platform } };
}
