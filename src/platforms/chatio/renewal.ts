import { PlatformError, sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { createRounds } from "../../rounds.ts";
import type { DueAccount, Installation, Installations } from "../../store/store.ts";
import { LONGEST_LIFETIME_MS } from "./client.ts";
import type { TokenKeeper } from "./tokens.ts";
import { isReinstallNeeded } from "./upkeep.ts";

const ROUND_EVERY_MS = 1000;
/** After a failure that may pass, and after one that somebody has to fix. */
const PAUSE_MS = 15_000;
const LONG_PAUSE_MS = 300_000;
/** Accounts looked after at the same time. */
const AT_ONCE = 8;
/**
 * Due accounts read at once. Where all of a page are paused, the next page's turn comes a second later, so that thousands that
 * cannot be renewed cost no more than one page a second.
 */
const PAGE = 500;
/** The share of its lifetime after which a token is renewed, less up to a twentieth, as parts of 20,000. */
const WHOLE = 20_000;
const LATEST_SHARE = 16_000;
/** A clock that shows a time before the token was handed out was set back by more than this. */
const CLOCK_TOLERANCE_MS = 60_000;

export type Renewal = {
  start(): void;
  stop(): Promise<void>;
};

export type RenewalOptions = {
  installations: Pick<Installations, "due" | "find">;
  tokens: Pick<TokenKeeper, "renew" | "updateBot">;
  log: Log;
};

/**
 * Renews tokens before they expire, with or without traffic: a bot whose token has expired is logged out and gets no
 * webhooks. Looks at the clock every second, starting at once, so neither a restart nor a stepped clock is missed.
 */
export function createRenewal({ installations, tokens, log }: RenewalOptions): Renewal {
  /** By account, while renewing fails: not before this time on the monotonic clock. */
  const notBefore = new Map<string, number>();
  /** The last one of the page that was read last; null: the next page is the first. */
  let after: DueAccount | null = null;
  const rounds = createRounds(ROUND_EVERY_MS, lookAfterDue);

  async function lookAfterDue(): Promise<void> {
    try {
      while ((await lookAfterPage()) === "more" && !rounds.isStopped());
    } catch (error) {
      log.error(`The installations could not be looked after, next try in a second: ${sentenceOf(error)}`);
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
      // That one has been warned of where it was found out.
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

/**
 * Spread by the millisecond at which the tokens were handed out, which is as good as random and outlives a restart. Of
 * times that cannot be right, written by an earlier release or a clock that was off, nothing is known: due at once.
 * The store selects by the same rule (`care_at`), in whole numbers here as there.
 */
export function isDue({ obtainedAt, expiresAt }: Installation, now: number): boolean {
  const lifetimeMs = expiresAt - obtainedAt;
  if (lifetimeMs <= 0 || lifetimeMs > LONGEST_LIFETIME_MS) return true;
  if (now < obtainedAt - CLOCK_TOLERANCE_MS) return true;
  const share = LATEST_SHARE - (obtainedAt % 1000);
  return now >= obtainedAt + Math.ceil((lifetimeMs * share) / WHOLE);
}
