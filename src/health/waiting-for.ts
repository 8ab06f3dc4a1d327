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
  /** Whether the database can be written; meanwhile no job is worked on. */
  readonly isWritable: boolean;
};

/**
 * Why a job is not tried now: its platform is not set up; the database cannot be written; the job before it in its lane is
 * not settled; the platform asked for a pause; it is failing and is only probed; the time of the next attempt has not come;
 * or others have their turn.
 * `ms`: milliseconds that are left.
 */
export type Wait =
  | { readonly for: "platform" | "database" | "lane" | "turn" }
  | { readonly for: "pause" | "probe" | "time"; readonly ms: number };

/** Returns why a job waits; null if it does not wait. */
export function createWaits(surroundings: Surroundings): (job: JobRecord) => Wait | null {
  const { now, holds, platforms, isWritable } = surroundings;
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
    if (!platforms.includes(job.platform)) return { for: "platform" };
    if (!isWritable) return { for: "database" };
    if (job.isBehind) return { for: "lane" };
    const heldMs = asked.get(job.quota)?.ms ?? 0;
    if (heldMs > 0) return { for: "pause", ms: heldMs };
    const probeMs = probeInMs(job);
    // After the pause, the probe is the next job that is due.
    if (probeMs !== null) return { for: "probe", ms: probeMs > 0 ? probeMs : job.nextAttemptAt - now };
    if (job.nextAttemptAt > now) return { for: "time", ms: job.nextAttemptAt - now };
    return { for: "turn" };
  };
}

/** Returns what a job waits for, in a few words; null if it does not wait. */
export function createWaitingFor(surroundings: Surroundings): (job: JobRecord) => string | null {
  const waitOf = createWaits(surroundings);
  return (job) => {
    const wait = waitOf(job);
    return wait === null
      ? null
      : wordsFor(wait, surroundings.titles.platform(job.platform), surroundings.now);
  };
}

function wordsFor(wait: Wait, title: string, now: number): string {
  switch (wait.for) {
    case "platform":
      return "its platform is not set up";
    case "database":
      return "waits until the database can be written";
    case "lane":
      return "waits for the job before it in its chat";
    case "pause":
      return `held by ${title} until ${formatTime(now + wait.ms, now)}`;
    case "probe":
      return `${title} is failing, next probe ${soon(wait.ms)}`;
    case "time":
      return `next try ${soon(wait.ms)}`;
    case "turn":
      return "waits for its turn";
  }
}

/** "now", "in 12 s" or "in 5 minutes". */
export function soon(ms: number): string {
  if (ms <= 0) return "now";
  return ms < 120_000 ? `in ${Math.ceil(ms / 1000)} s` : `in ${Math.floor(ms / 60_000)} minutes`;
}
