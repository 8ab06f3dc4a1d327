import { formatTime } from "../durations.ts";
import type { PlatformName } from "../job.ts";
import { type Hold, type JobRecord, platformPauseName } from "../store/store.ts";
import type { Titles } from "./titles.ts";

export type Surroundings = {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly holds: readonly Hold[];
  readonly titles: Titles;
  /** The platforms that are set up; jobs of others are not worked on. */
  readonly platforms: readonly PlatformName[];
};

/** Returns what a job waits for, in a few words; null if it does not wait. */
export function createWaitingFor(surroundings: Surroundings): (job: JobRecord) => string | null {
  const { now, holds, titles, platforms } = surroundings;
  const asked = new Map(holds.filter(({ reason }) => reason === "asked").map((hold) => [hold.quota, hold]));
  const failing = new Map(
    holds.filter(({ reason }) => reason === "failing").map((hold) => [hold.quota, hold]),
  );

  /** If both the quota and its platform are failing, the longer of the two pauses. */
  function probeInMs({ platform, quota }: JobRecord): number | null {
    const pauses = [quota, platformPauseName(platform)].flatMap((name) => failing.get(name)?.ms ?? []);
    return pauses.length === 0 ? null : Math.max(...pauses);
  }

  return (job) => {
    if (job.state !== "waiting") return null;
    const title = titles.platform(job.platform);
    if (!platforms.includes(job.platform)) return "its platform is not set up";
    if (job.isBehind) return "waits for the job before it in its chat";
    const heldMs = asked.get(job.quota)?.ms ?? 0;
    if (heldMs > 0) return `held by ${title} until ${formatTime(now + heldMs, now)}`;
    const probeMs = probeInMs(job);
    // After the pause, the probe is the next job that is due.
    if (probeMs !== null)
      return `${title} is failing, next probe ${soon(probeMs > 0 ? probeMs : job.nextAttemptAt - now)}`;
    if (job.nextAttemptAt > now) return `next try ${soon(job.nextAttemptAt - now)}`;
    return "waits for its turn";
  };
}

function soon(ms: number): string {
  if (ms <= 0) return "now";
  return ms < 120_000 ? `in ${Math.ceil(ms / 1000)} s` : `in ${Math.floor(ms / 60_000)} minutes`;
}
