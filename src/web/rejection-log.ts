import { sentenceOf } from "../errors.ts";
import { addressOf, type Sender } from "../limits.ts";
import type { Log } from "../log.ts";

/**
 * What strangers can write in a minute: three lines in full for each of the dozen statuses there are, and eleven with
 * numbers. A day of it is 5 to 20 MB.
 */
const IN_FULL_PER_STATUS = 3;
const MOST_NAMED = 10;
const MOST_ADDRESSES = 1000;
const MINUTE_MS = 60_000;
const LONGEST_PATH = 100;
const LONGEST_SENTENCE = 300;
/** The least network that a provider gives to one customer: RFC 6177. */
const IPV6_PREFIX = 64;

/** The part of Express's Request that is logged. */
export type RejectedRequest = Sender & { readonly method: string; readonly path: string };

/** The log of requests that were answered with an error. However many those are, its lines are few. */
export type RejectionLog = {
  /** Logs the first of an address and status in a minute in full, and counts the rest. */
  note(request: RejectedRequest, status: number, error: unknown): void;
  /** Logs what is counted and not said yet. */
  stop(): void;
};

/** How many were refused with which status. */
type Tally = Map<number, number>;

type Minute = {
  timer: NodeJS.Timeout;
  /** Lines in full, by status. */
  inFull: Tally;
  /** What comes beyond those lines, by address; an address that is known has an entry. */
  byAddress: Map<string, Tally>;
  /** Of addresses beyond the most that are told apart. */
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
  if (status === 500) log.error({ ...line, err: error }, "A request failed for a mistake in the server.");
  else log.warn(line, `Refused: ${sentenceOf(error).slice(0, LONGEST_SENTENCE)}`);
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
    .map(([status, count]) => `${status}: ${inEnglish(count)}`)
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
  return `${inEnglish(count)} ${noun}${count === 1 ? "" : plural}`;
}

function inEnglish(count: number): string {
  return count.toLocaleString("en-US");
}
