import { NotOperator, sentenceOf } from "../errors.ts";
import { addressOf, type Sender } from "../limits.ts";
import type { Log } from "../log.ts";

/**
 * These bound what strangers can make us log in a minute: three full lines for each of about a dozen statuses, and eleven
 * lines of counts. That is 5 to 20 MB a day.
 */
const IN_FULL_PER_STATUS = 3;
const MOST_NAMED = 10;
const MOST_ADDRESSES = 1000;
const MINUTE_MS = 60_000;
const LONGEST_PATH = 100;
const LONGEST_REASON = 300;
/** The smallest network that a provider gives to one customer: RFC 6177. */
const IPV6_PREFIX = 64;

/** The part of Express's Request that is logged. */
export type RejectedRequest = Sender & { readonly method: string; readonly path: string };

/** Logs requests that were answered with an error, in few lines however many there are. */
export type RejectionLog = {
  /** Logs in full the first request per address and status in a minute, at most 3 per status; counts the others. */
  note(request: RejectedRequest, status: number, error: unknown): void;
  /** Logs the counts that are not logged yet. */
  stop(): void;
};

/** The number of refused requests per status. */
type Tally = Map<number, number>;

type Minute = {
  timer: NodeJS.Timeout;
  /** The number of full lines, by status. */
  inFull: Tally;
  /** The other requests, by address; every known address has an entry. */
  byAddress: Map<string, Tally>;
  /** The requests of addresses above MOST_ADDRESSES. */
  others: Tally;
};

export function createRejectionLog(log: Log): RejectionLog {
  let minute: Minute | null = null;

  const begin = (): Minute => ({
    timer: setTimeout(stop, MINUTE_MS).unref(),
    inFull: new Map(),
    byAddress: new Map(),
    others: new Map(),
  });
  const stop = () => {
    if (minute === null) return;
    clearTimeout(minute.timer);
    logSummary(minute, log);
    minute = null;
  };

  return {
    note(request, status, error) {
      minute ??= begin();
      const address = addressOf(request, IPV6_PREFIX);
      const tally = tallyOf(minute, address);
      const isFirst = tally === minute.others || !tally.has(status);
      const inFull = minute.inFull.get(status) ?? 0;
      if (isFirst && inFull < IN_FULL_PER_STATUS) {
        minute.inFull.set(status, inFull + 1);
        // Known, with nothing left to report.
        tally.set(status, tally.get(status) ?? 0);
        logInFull(request, address, status, error, log);
      } else tally.set(status, (tally.get(status) ?? 0) + 1);
    },
    stop,
  };
}

function tallyOf({ byAddress, others }: Minute, address: string): Tally {
  const known = byAddress.get(address);
  if (known) return known;
  if (byAddress.size === MOST_ADDRESSES) return others;
  const tally: Tally = new Map();
  byAddress.set(address, tally);
  return tally;
}

function logInFull(
  { method, path }: RejectedRequest,
  address: string,
  status: number,
  error: unknown,
  log: Log,
): void {
  const line = { method, path: path.slice(0, LONGEST_PATH), status, address };
  if (status === 500) log.error({ ...line, err: error }, "A request failed because of a bug in the server.");
  else
    log[isFirstVisit(error) ? "debug" : "warn"](
      line,
      `Refused: ${sentenceOf(error).slice(0, LONGEST_REASON)}`,
    );
}

/** A browser asks for the password only once it was refused without one. */
function isFirstVisit(error: unknown): boolean {
  return error instanceof NotOperator && !error.wasGiven;
}

function logSummary({ byAddress, others }: Minute, log: Log): void {
  const counted = [...byAddress]
    .map(([address, tally]) => ({ address, tally, refused: sumOf(tally) }))
    .filter(({ refused }) => refused > 0)
    .toSorted((a, b) => b.refused - a.refused);
  for (const { address, tally, refused } of counted.slice(0, MOST_NAMED))
    log.warn({ address, refused }, sentenceAbout(address, tally));

  const unnamed = counted.slice(MOST_NAMED);
  const tally = merged([...unnamed.map((one) => one.tally), others]);
  const refused = sumOf(tally);
  if (refused === 0) return;
  const howMany = `${sumOf(others) > 0 ? "more than " : ""}${numberOf(unnamed.length, "other address", "es")}`;
  log.warn({ refused }, sentenceAbout(howMany, tally));
}

function sentenceAbout(sender: string, tally: Tally): string {
  const refused = sumOf(tally);
  const statuses = [...tally]
    .filter(([, count]) => count > 0)
    .toSorted(([a], [b]) => a - b)
    .map(([status, count]) => `${status}: ${formatCount(count)}`)
    .join(", ");
  const verb = refused === 1 ? "was" : "were";
  return `${numberOf(refused, "more request", "s")} from ${sender} ${verb} refused within a minute (${statuses}).`;
}

function merged(tallies: readonly Tally[]): Tally {
  const sum: Tally = new Map();
  for (const [status, count] of tallies.flatMap((tally) => [...tally]))
    sum.set(status, (sum.get(status) ?? 0) + count);
  return sum;
}

function sumOf(tally: Tally): number {
  return [...tally.values()].reduce((sum, count) => sum + count, 0);
}

function numberOf(count: number, noun: string, plural: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : plural}`;
}

function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}
