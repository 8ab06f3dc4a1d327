import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.ts";
import type { Platform } from "../platforms/platform.ts";
import type { Worker } from "./worker.ts";

/**
 * Stops jobs and background work together, within `graceMs` milliseconds. What takes longer is cut off. A renewal of tokens
 * then ends as in a crash: the platform may have used up the refresh token before we kept the new one.
 */
export async function stopWork(
  worker: Pick<Worker, "stop">,
  platforms: readonly Pick<Platform, "stop">[],
  graceMs: number,
  log: Log,
): Promise<void> {
  const grace = new AbortController();
  const isOver = sleep(graceMs, "over", { signal: grace.signal }).catch(() => {});
  const stopped = Promise.all(platforms.map((platform) => platform.stop()));
  const [end] = await Promise.all([Promise.race([stopped, isOver]), worker.stop(graceMs)]);
  grace.abort();
  if (end === "over") log.warn("Not finished in time: a call to a platform hangs and is cut off.");
}
