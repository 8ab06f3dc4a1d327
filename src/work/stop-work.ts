import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.ts";
import type { Platform } from "../platforms/platform.ts";
import type { Worker } from "./worker.ts";

/**
 * Ends jobs and background work together, within `graceMs`. What takes longer is cut off, as in a crash: a platform may have
 * used up a refresh token, and the new one is lost.
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
  if (end === "over") log.warn("Not finished in time: a call to a platform that hangs. It is cut off.");
}
