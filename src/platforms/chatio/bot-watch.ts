import { sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Installation } from "../../store/store.ts";
import { problemOf } from "./installation.ts";
import type { TokenKeeper } from "./tokens.ts";

const ROUND_EVERY_MS = 1000;
/** With a minute to spare for calls that hang, each bot agent is looked at within five minutes. */
const LOOK_EVERY_MS = 240_000;
/** The first minute of a start is for what has waited for it. */
const QUIET_MS = 60_000;
/** After a look that told nothing. */
const RETRY_AFTER_MS = 60_000;
/** 10,000 installations are 42 calls a second; at 0.3 s a call that takes 13 of these. */
const AT_ONCE = 16;
const UNDER_WAY = Number.POSITIVE_INFINITY;

export type BotWatch = {
  start(): void;
  /** Looks at no more; a look under way may be left alone. */
  stop(): void;
};

export type BotWatchOptions = {
  /** The installations there are. */
  installations: () => readonly Installation[];
  tokens: Pick<TokenKeeper, "checkBot">;
  log: Log;
};

/**
 * Looks at each bot agent within every five minutes: chat.io tells nobody when it is removed or its tokens are revoked.
 * Looks are spread over the time, after a start as well. The clock on the wall has no part in that.
 */
export function createBotWatch({ installations, tokens, log }: BotWatchOptions): BotWatch {
  /** When to look next, by license, on the monotonic clock. */
  const nextLookAt = new Map<number, number>();
  let due: number[] = [];
  let underWay = 0;
  let timer: NodeJS.Timeout | undefined;

  function lookAround(): void {
    due = dueLicenses(installations());
    begin();
    timer = setTimeout(lookAround, ROUND_EVERY_MS);
  }

  /** As many looks as there is room for; each that ends lets the next one begin. */
  function begin(): void {
    for (const licenseId of due.splice(0, AT_ONCE - underWay)) {
      underWay += 1;
      void look(licenseId).then(() => {
        underWay -= 1;
        begin();
      });
    }
  }

  /** Those of which something is to be learned, in the order in which they are due. */
  function dueLicenses(all: readonly Installation[]): number[] {
    const watched = new Set(all.filter((one) => problemOf(one) === null).map(({ licenseId }) => licenseId));
    for (const licenseId of nextLookAt.keys()) if (!watched.has(licenseId)) nextLookAt.delete(licenseId);
    const now = performance.now();
    for (const licenseId of watched) {
      if (!nextLookAt.has(licenseId)) nextLookAt.set(licenseId, now + firstLookInMs());
    }
    return [...nextLookAt]
      .filter(([, at]) => at <= now)
      .sort(([, a], [, b]) => a - b)
      .map(([licenseId]) => licenseId);
  }

  async function look(licenseId: number): Promise<void> {
    const startedAt = performance.now();
    nextLookAt.set(licenseId, UNDER_WAY);
    try {
      await tokens.checkBot(licenseId);
      nextLookAt.set(licenseId, startedAt + LOOK_EVERY_MS);
    } catch (error) {
      // What is refused for good has been warned of where it was found out.
      nextLookAt.set(licenseId, performance.now() + RETRY_AFTER_MS);
      log.debug({ license: licenseId }, `The bot agent could not be looked at: ${sentenceOf(error)}`);
    }
  }

  return {
    start: lookAround,
    stop() {
      due = [];
      clearTimeout(timer);
    },
  };
}

function firstLookInMs(): number {
  return QUIET_MS + Math.random() * (LOOK_EVERY_MS - QUIET_MS);
}
