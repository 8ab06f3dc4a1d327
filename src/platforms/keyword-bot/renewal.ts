import { PlatformError, sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { createRounds } from "../../rounds.ts";
import type { DueAccount, Installations } from "../../store/store.ts";
import { CLOCK_TOLERANCE_MS, isDue } from "./lifetime.ts";
import { isReinstallNeeded } from "./upkeep.ts";

const ROUND_EVERY_MS = 1000;
/** After a failure that may pass; after one that somebody has to fix. */
const PAUSE_MS = 15_000;
const LONG_PAUSE_MS = 300_000;
/** Accounts renewed at the same time. */
const AT_ONCE = 8;
/**
 * Due accounts read at once. If a whole page is paused, the next page is read a second later, so that thousands that
 * cannot be renewed cost no more than one page a second.
 */
const PAGE = 500;

export type Renewal = {
  start(): void;
  stop(): Promise<void>;
};

export type RenewalOptions = {
  installations: Pick<Installations, "due" | "find">;
  tokens: {
    renew(account: string, accessToken: string): Promise<unknown>;
    updateBot(account: string): Promise<void>;
  };
  log: Log;
};

/**
 * Renews tokens before they expire, with or without traffic: a bot whose token has expired is logged out and gets no
 * webhooks. Checks every second, starting at once, so neither a restart nor a clock that was set is missed.
 */
export function createRenewal({ installations, tokens, log }: RenewalOptions): Renewal {
  /** When to try again, by account, while renewing fails; on the monotonic clock. */
  const notBefore = new Map<string, number>();
  /** The last account of the latest page; null: the next page is the first. */
  let after: DueAccount | null = null;
  const rounds = createRounds(ROUND_EVERY_MS, lookAfterDue);

  async function lookAfterDue(): Promise<void> {
    try {
      while ((await lookAfterPage()) === "more" && !rounds.isStopped());
    } catch (error) {
      log.error(`Due installations could not be read; next try in a second: ${sentenceOf(error)}`);
    }
  }

  /** "enough": the rest, if any, is for the next round. */
  async function lookAfterPage(): Promise<"more" | "enough"> {
    const page = await installations.due({ after, limit: PAGE, clockToleranceMs: CLOCK_TOLERANCE_MS });
    const isLast = page.length < PAGE;
    after = isLast ? null : (page.at(-1) ?? null);
    const ready = page.map(({ account }) => account).filter((account) => !isPaused(account));
    for (let from = 0; from < ready.length && !rounds.isStopped(); from += AT_ONCE) {
      await Promise.all(ready.slice(from, from + AT_ONCE).map(care));
    }
    return isLast || ready.length === 0 ? "enough" : "more";
  }

  function isPaused(account: string): boolean {
    return (notBefore.get(account) ?? 0) > performance.now();
  }

  async function care(account: string): Promise<void> {
    try {
      const installation = await installations.find(account);
      if (installation === null) return;
      const accessToken = installation.credentials?.accessToken;
      if (accessToken === undefined) return void notBefore.set(account, performance.now() + LONG_PAUSE_MS);
      if (isDue(installation, Date.now())) await tokens.renew(account, accessToken);
      else await tokens.updateBot(account);
      notBefore.delete(account);
    } catch (error) {
      notBefore.set(account, performance.now() + pauseMs(error));
      // The log has warned of it already, where it was found out.
      if (isReinstallNeeded(error)) return;
      log.warn({ account }, `The installation could not be renewed yet: ${sentenceOf(error)}`);
    }
  }

  return { start: () => rounds.start(), stop: rounds.stop };
}

function pauseMs(error: unknown): number {
  if (!(error instanceof PlatformError)) return PAUSE_MS;
  return error.retryable ? Math.max(error.retryAfterMs ?? 0, PAUSE_MS) : LONG_PAUSE_MS;
}
