import { randomUUID } from "node:crypto";
import type { NewJob } from "../../src/job.ts";
import type { Claim, ClaimedJob, Inbox } from "../../src/store/store.ts";

/** Everything that is due, for a worker that has nothing in hand yet, unless told otherwise. */
export function aClaim(overrides: Partial<Claim> = {}): Claim {
  return {
    owner: randomUUID(),
    limit: 100,
    leaseMs: 60_000,
    platforms: [
      { name: "chatio", most: 10_000 },
      { name: "webex", most: 10_000 },
    ],
    roomFor: () => 10_000,
    ...overrides,
  };
}

/** There is no room for more of these quotas. */
export function except(...quotas: string[]): Pick<Claim, "roomFor"> {
  return { roomFor: (_platform, quota) => (quotas.includes(quota) ? 0 : 10_000) };
}

export function claim(inbox: Inbox, overrides: Partial<Claim> = {}): Promise<ClaimedJob[]> {
  return inbox.claim(aClaim(overrides));
}

/** When the next job is due for a worker, one that has nothing in hand unless told otherwise. */
export function nextDueInMs(inbox: Inbox, owner: string = randomUUID()): Promise<number | null> {
  return inbox.nextDueInMs(owner, ["chatio", "webex"]);
}

/** Claims the one job that must be due. */
export async function claimOne(inbox: Inbox, overrides: Partial<Claim> = {}): Promise<ClaimedJob> {
  const [job, another] = await claim(inbox, overrides);
  if (job === undefined || another !== undefined) throw new Error("not exactly one job was due");
  return job;
}

export async function claimedKeys(inbox: Inbox, overrides: Partial<Claim> = {}): Promise<string[]> {
  return keysOf(await claim(inbox, overrides));
}

export function keysOf(jobs: readonly NewJob[]): string[] {
  return jobs.map(({ key }) => key);
}

export const DONE = { state: "done", outcome: "replied" } as const;
export const DEAD = { state: "dead", error: "refused for good" } as const;

/** To be tried again so many milliseconds from now. */
export function waiting(afterMs: number) {
  return { state: "waiting", error: "no answer", afterMs } as const;
}
