import { randomUUID } from "node:crypto";
import type { NewJob } from "../../src/platforms/platform.ts";
import type { Claim, ClaimedJob, Inbox } from "../../src/store/store.ts";

/** Everything that is due, for a worker that has nothing in hand yet, unless told otherwise. */
export function claim(inbox: Inbox, overrides: Partial<Claim> = {}): Promise<ClaimedJob[]> {
  return inbox.claim({ owner: randomUUID(), limit: 100, leaseMs: 60_000, exceptQuotas: [], ...overrides });
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
export function waiting(inMs: number) {
  return { state: "waiting", error: "no answer", nextAttemptAt: Date.now() + inMs } as const;
}
