import { sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { createRounds } from "../../rounds.ts";
import type { Installations } from "../../store/store.ts";

const ROUND_EVERY_MS = 1000;
/** With a minute to spare for calls that hang, each bot is looked at within five minutes. */
const LAP_MS = 240_000;
/** The first minute after a start is left to the work that has waited for it. */
const QUIET_MS = 60_000;
/** After a look that failed. */
const RETRY_AFTER_MS = 60_000;
/** 10,000 installations take 42 calls a second; at 0.3 s a call, 13 of them are under way at once. */
const AT_ONCE = 16;
/** Accounts read at once, when a lap is late. */
const MOST_AT_ONCE = 500;

export type BotWatch = {
  start(): void;
  /** Begins no more looks. One under way is not waited for. */
  stop(): void;
};

export type BotWatchOptions = {
  installations: Pick<Installations, "working" | "countByState" | "find">;
  tokens: { checkBot(account: string): Promise<unknown> };
  /** Whether this server is to look; one looks for all. Default: it is. */
  leads?: () => boolean;
  log: Log;
};

/**
 * Looks at each bot every five minutes: the platform tells nobody when one is removed or its tokens are revoked. It goes
 * through the accounts in laps, a few each second, and remembers only those it could not look at. It uses only the
 * monotonic clock.
 */
export function createBotWatch({
  installations,
  tokens,
  leads = () => true,
  log,
}: BotWatchOptions): BotWatch {
  const lap = createLap(installations, { lapMs: LAP_MS, quietMs: QUIET_MS });
  /** When to try again, by account, on the monotonic clock; the earliest first, since all wait for the same time. */
  const retryAt = new Map<string, number>();
  let queue: string[] = [];
  let underWay = 0;
  const rounds = createRounds(ROUND_EVERY_MS, lookAround);

  async function lookAround(): Promise<void> {
    if (!leads()) return lap.startAgain();
    queue.push(...retriesDue());
    try {
      // While looks hang, no more accounts are queued.
      if (queue.length === 0) queue = (await lap.next()).filter((account) => !retryAt.has(account));
    } catch (error) {
      log.debug(`The installations whose bots are to be looked at could not be read: ${sentenceOf(error)}`);
    }
    if (!rounds.isStopped()) begin();
  }

  function retriesDue(): string[] {
    const due: string[] = [];
    for (const [account, at] of retryAt) {
      if (at > performance.now()) break;
      retryAt.delete(account);
      due.push(account);
    }
    return due;
  }

  /** As many looks as there is room for; each that ends lets the next one begin. */
  function begin(): void {
    for (const account of queue.splice(0, AT_ONCE - underWay)) {
      underWay += 1;
      void look(account).then(() => {
        underWay -= 1;
        if (!rounds.isStopped()) begin();
      });
    }
  }

  async function look(account: string): Promise<void> {
    try {
      const installation = await installations.find(account);
      // Since it was selected, it may have been removed or marked.
      if (!installation || installation.needsReinstall || !installation.credentials) return;
      await tokens.checkBot(account);
    } catch (error) {
      // If a call was refused for good, the log has warned of it already.
      retryAt.delete(account);
      retryAt.set(account, performance.now() + RETRY_AFTER_MS);
      log.debug({ account }, `The bot could not be looked at: ${sentenceOf(error)}`);
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

type LapOptions = {
  lapMs: number;
  /** Milliseconds without any look at first; the first lap is shorter by them. */
  quietMs: number;
};

type Lap = {
  /** The accounts whose turn has come since the last call, in order; none twice in one lap. Throws StoreError. */
  next(): Promise<string[]>;
  /** The next call begins a new lap. */
  startAgain(): void;
};

type LapState = { startedAt: number; ms: number; size: number | null; begun: number; after: string | null };

/**
 * Goes through the working accounts again and again, evenly spread over each lap. It remembers only its position: an
 * account installed meanwhile has its turn within one lap, a removed one has none.
 */
function createLap(
  installations: Pick<Installations, "working" | "countByState">,
  { lapMs, quietMs }: LapOptions,
): Lap {
  let lap: LapState | null = null;

  return {
    startAgain() {
      lap = null;
    },
    async next() {
      lap ??= startAt(performance.now() + quietMs, lapMs - quietMs);
      const passed = (performance.now() - lap.startedAt) / lap.ms;
      if (passed < 0) return [];
      lap.size ??= (await installations.countByState()).ok;
      // At its end a lap takes all that are left: some may have been installed since they were counted.
      const isEnding = passed >= 1;
      const turns = isEnding ? MOST_AT_ONCE : Math.floor(lap.size * passed) - lap.begun;
      const limit = Math.min(turns, MOST_AT_ONCE);
      if (limit <= 0) return [];
      const found = await installations.working({ after: lap.after, limit });
      lap.begun += found.length;
      lap.after = found.at(-1) ?? lap.after;
      if (isEnding && found.length < limit) lap = startAt(performance.now(), lapMs);
      return found;
    },
  };
}

function startAt(startedAt: number, ms: number): LapState {
  return { startedAt, ms, size: null, begun: 0, after: null };
}
