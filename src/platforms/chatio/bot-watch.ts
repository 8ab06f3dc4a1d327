import { sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { createRounds } from "../../rounds.ts";
import type { Installations } from "../../store/store.ts";
import { problemOf } from "./installation.ts";
import { createLap } from "./lap.ts";
import type { TokenKeeper } from "./tokens.ts";

const ROUND_EVERY_MS = 1000;
/** With a minute to spare for calls that hang, each bot agent is looked at within five minutes. */
const LAP_MS = 240_000;
/** The first minute of a start is for what has waited for it. */
const QUIET_MS = 60_000;
/** After a look that told nothing. */
const RETRY_AFTER_MS = 60_000;
/** 10,000 installations are 42 calls a second; at 0.3 s a call that takes 13 of these. */
const AT_ONCE = 16;

export type BotWatch = {
  start(): void;
  /** Looks at no more; a look under way may be left alone. */
  stop(): void;
};

export type BotWatchOptions = {
  installations: Pick<Installations, "working" | "countByState" | "find">;
  tokens: Pick<TokenKeeper, "checkBot">;
  log: Log;
};

/**
 * Looks at each bot agent within every five minutes: chat.io tells nobody when it is removed or its tokens are revoked.
 * It goes through the licenses in laps, a few each second, and remembers none but those it could not look at. The clock on
 * the wall has no part in that.
 */
export function createBotWatch({ installations, tokens, log }: BotWatchOptions): BotWatch {
  const lap = createLap(installations, { lapMs: LAP_MS, quietMs: QUIET_MS });
  /** When to try again, by license, on the monotonic clock; the earliest first, since each is put off by the same time. */
  const retryAt = new Map<number, number>();
  let queue: number[] = [];
  let underWay = 0;
  const rounds = createRounds(ROUND_EVERY_MS, lookAround);

  async function lookAround(): Promise<void> {
    queue.push(...retriesDue());
    try {
      // While looks hang, nobody is added to those that wait for one.
      if (queue.length === 0) queue = (await lap.next()).filter((licenseId) => !retryAt.has(licenseId));
    } catch (error) {
      log.debug(`The bot agents to be looked at could not be read: ${sentenceOf(error)}`);
    }
    if (!rounds.isStopped()) begin();
  }

  function retriesDue(): number[] {
    const due: number[] = [];
    for (const [licenseId, at] of retryAt) {
      if (at > performance.now()) break;
      retryAt.delete(licenseId);
      due.push(licenseId);
    }
    return due;
  }

  /** As many looks as there is room for; each that ends lets the next one begin. */
  function begin(): void {
    for (const licenseId of queue.splice(0, AT_ONCE - underWay)) {
      underWay += 1;
      void look(licenseId).then(() => {
        underWay -= 1;
        if (!rounds.isStopped()) begin();
      });
    }
  }

  async function look(licenseId: number): Promise<void> {
    try {
      const installation = await installations.find(licenseId);
      // It may have been removed, or given up, since it was selected.
      if (installation === null || problemOf(installation) !== null) return;
      await tokens.checkBot(licenseId);
    } catch (error) {
      // What is refused for good has been warned of where it was found out.
      retryAt.delete(licenseId);
      retryAt.set(licenseId, performance.now() + RETRY_AFTER_MS);
      log.debug({ license: licenseId }, `The bot agent could not be looked at: ${sentenceOf(error)}`);
    }
  }

  return {
    start: () => rounds.start(),
    stop() {
      void rounds.stop();
      queue = [];
    },
  };
}
