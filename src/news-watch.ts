import { sentenceOf } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Platform } from "./platforms/platform.ts";
import { createRounds } from "./rounds.ts";
import type { News } from "./store/store.ts";

const LISTEN_EVERY_MS = 1000;

/**
 * Makes the platforms repeat their checks within about a second after a command, which runs in another process, has changed
 * something.
 */
export function startNewsWatch(
  news: News,
  platforms: readonly Platform[],
  log: Log,
): { stop(): Promise<void> } {
  let known: number | null = null;
  const rounds = createRounds(LISTEN_EVERY_MS, listen);
  rounds.start();

  async function listen(): Promise<void> {
    try {
      const count = await news.count();
      if (known !== null && count !== known) for (const platform of platforms) platform.lookAgain?.();
      known = count;
    } catch (error) {
      log.debug(
        `It cannot be read whether a command has changed something; next try in a second: ${sentenceOf(error)}`,
      );
    }
  }

  return { stop: rounds.stop };
}
