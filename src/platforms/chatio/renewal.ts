import { PlatformError, sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Installation, Installations } from "../../store/store.ts";
import { LONGEST_LIFETIME_MS } from "./client.ts";
import { isReadable } from "./installation.ts";
import type { TokenKeeper } from "./tokens.ts";
import { isReinstallNeeded } from "./upkeep.ts";

const ROUND_EVERY_MS = 1000;
/** After a failure that may pass, and after one that will not without somebody's doing. */
const PAUSE_MS = 15_000;
const LONG_PAUSE_MS = 300_000;
/** Licenses looked after at the same time. */
const AT_ONCE = 8;
/** The share of its lifetime after which a token is renewed, less up to a twentieth. */
const LIFETIME_SHARE = 0.8;
const SPREAD = 0.05;
/** A clock that shows a time before the token was handed out was set back by more than this. */
const CLOCK_TOLERANCE_MS = 60_000;

export type Renewal = {
  start(): void;
  stop(): Promise<void>;
  /** The installations as the last look found them. */
  installations(): readonly Installation[];
};

export type RenewalOptions = { installations: Installations; tokens: TokenKeeper; log: Log };

/**
 * Renews tokens before they expire, without any traffic: a bot whose token has expired is logged out and gets no
 * webhooks any more. Looks at the clock every second, at once at the start, so that neither a restart nor a stepped clock
 * is missed.
 */
export function createRenewal({ installations, tokens, log }: RenewalOptions): Renewal {
  /** By license, while renewing fails: not before this time on the monotonic clock. */
  const notBefore = new Map<number, number>();
  let known: readonly Installation[] = [];
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let round = Promise.resolve();

  async function nextRound(): Promise<void> {
    try {
      known = await installations.list();
      const due = known.filter(needsCare);
      for (let from = 0; from < due.length && !stopped; from += AT_ONCE) {
        await Promise.all(due.slice(from, from + AT_ONCE).map(care));
      }
    } catch (error) {
      log.error(`The installations could not be looked after, next try in a second: ${sentenceOf(error)}`);
    }
    if (stopped) return;
    timer = setTimeout(() => {
      round = nextRound();
    }, ROUND_EVERY_MS);
  }

  function needsCare(installation: Installation): boolean {
    const { licenseId, needsReinstall, botIsCurrent } = installation;
    if (needsReinstall || (notBefore.get(licenseId) ?? 0) > performance.now()) return false;
    return !botIsCurrent || isDue(installation, Date.now());
  }

  async function care(installation: Installation): Promise<void> {
    const { licenseId } = installation;
    if (!isReadable(installation)) return;
    try {
      if (isDue(installation, Date.now()))
        await tokens.renew(licenseId, installation.credentials.accessToken);
      else await tokens.updateBot(licenseId);
      notBefore.delete(licenseId);
    } catch (error) {
      notBefore.set(licenseId, performance.now() + pauseMs(error));
      // That one has been warned of where it was found out.
      if (isReinstallNeeded(error)) return;
      log.warn({ license: licenseId }, `The installation could not be renewed yet: ${sentenceOf(error)}`);
    }
  }

  return {
    start() {
      round = nextRound();
    },
    installations: () => known,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}

function pauseMs(error: unknown): number {
  if (!(error instanceof PlatformError)) return PAUSE_MS;
  return error.retryable ? Math.max(error.retryAfterMs ?? 0, PAUSE_MS) : LONG_PAUSE_MS;
}

/**
 * Spread by the millisecond at which the tokens were handed out, which is as good as random and outlives a restart. Of
 * times that cannot be right, written by an earlier release or a clock that was off, nothing is known: due at once.
 */
export function isDue({ obtainedAt, expiresAt }: Installation, now: number): boolean {
  const lifetimeMs = expiresAt - obtainedAt;
  if (lifetimeMs > LONGEST_LIFETIME_MS || now < obtainedAt - CLOCK_TOLERANCE_MS) return true;
  const share = LIFETIME_SHARE - (SPREAD * (obtainedAt % 1000)) / 1000;
  return now >= obtainedAt + lifetimeMs * share;
}
