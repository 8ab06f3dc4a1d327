import type { PlatformName } from "../job.ts";
import type { InboxDesk } from "../store/store.ts";
import { ALL_JOBS, listPath } from "./jobs-query.ts";

/** The dead jobs of a platform, and where an operator reads why they died. */
export type DeadJobs = { readonly count: number; readonly path: string };

/** null: the platform has none. Throws StoreError. */
export async function deadJobsOf(
  desk: Pick<InboxDesk, "countByState">,
  platform: PlatformName,
): Promise<DeadJobs | null> {
  const { dead: count } = await desk.countByState(platform);
  return count === 0 ? null : { count, path: listPath({ ...ALL_JOBS, state: "dead", platform }) };
}

/** "Dead jobs: 3. See why: /status?state=dead&platform=webex" */
export function deadJobsSentence({ count, path }: DeadJobs): string {
  return `Dead jobs: ${count}. See why: ${path.split("#")[0]}`;
}
