import { sentenceOf } from "../errors.ts";
import type { PlatformName } from "../job.ts";
import type { Log } from "../log.ts";
import { createRounds } from "../rounds.ts";
import type { Store } from "../store/store.ts";
import { createBacklog } from "./backlog.ts";
import { type FailingWatch, type Outage, rowKey } from "./failing.ts";
import { type LongPause, longPauses } from "./long-pauses.ts";
import { endSentence, outageSentence } from "./outage-words.ts";
import type { Titles } from "./titles.ts";

const LOOK_EVERY_MS = 1000;
/** So many tenants are named at once; when hundreds fail, their number says more. */
const MOST_NAMED = 5;
/** When thousands of tenants fail, their pauses are no list to be read every second. */
const LOOKS_PER_LIST = 5;

/** What fails or falls behind, in sentences. They name tenants: for operators alone. */
export type Troubles = {
  readonly outages: readonly {
    readonly platform: PlatformName;
    /** Whether all of the platform fails, or a tenant of it. */
    readonly isWhole: boolean;
    readonly sentence: string;
  }[];
  /** That jobs have waited for too long; null: none has. */
  readonly backlog: string | null;
  /** The long pauses that platforms have asked for. */
  readonly pauses: readonly string[];
};

export type TroubleWatch = {
  start(): void;
  stop(): Promise<void>;
  /** As the last look found it, about a second ago. */
  now(): Troubles;
};

export type TroubleWatchOptions = {
  failing: Pick<FailingWatch, "outages">;
  store: Pick<Store, "desk" | "holds">;
  titles: Titles;
  log: Log;
};

/** Looks every second at what fails and what waits; tells the log when a trouble begins, and when it ends. */
export function createTroubleWatch({ failing, store, titles, log }: TroubleWatchOptions): TroubleWatch {
  const { desk, holds } = store;
  const backlog = createBacklog(desk, log);
  let known: readonly Outage[] = [];
  let troubles: Troubles = { outages: [], backlog: null, pauses: [] };
  let pauses: string[] = [];
  let looks = 0;
  const rounds = createRounds(LOOK_EVERY_MS, look);

  async function look(): Promise<void> {
    try {
      const outages = failing.outages();
      await report(outages);
      known = outages;
      if (looks % LOOKS_PER_LIST === 0)
        pauses = longPauses(await holds.list(), titles, Date.now()).map(pauseSentence);
      looks += 1;
      troubles = { outages: await told(outages), backlog: await backlog.look(), pauses };
    } catch (error) {
      log.debug(`Troubles could not be looked at, next try in a second: ${sentenceOf(error)}`);
    }
  }

  async function report(outages: readonly Outage[]): Promise<void> {
    const begun = without(outages, known);
    // A tenant that fails with its whole platform by now has not come back.
    const ended = without(known, outages);
    for (const outage of begun.slice(0, MOST_NAMED))
      log.warn(`${await outageSentence(outage, titles, desk)}.`);
    for (const outage of ended.slice(0, MOST_NAMED)) log.info(endSentence(outage, titles));
    const [others, back] = [begun.slice(MOST_NAMED), ended.slice(MOST_NAMED)];
    if (others.length > 0) log.warn(`${failAsWell(others)}.`);
    if (back.length > 0) log.info(`${tenantsOf(back)} that work again as well: ${back.length}.`);
  }

  async function told(outages: readonly Outage[]): Promise<Troubles["outages"]> {
    const named = outages.toSorted((a, b) => Number(b.quota === null) - Number(a.quota === null));
    const sentences = named.slice(0, MOST_NAMED).map(async (outage) => ({
      platform: outage.platform,
      isWhole: outage.quota === null,
      sentence: await outageSentence(outage, titles, desk),
    }));
    const others = named.slice(MOST_NAMED);
    const [first] = others;
    if (first === undefined) return Promise.all(sentences);
    const rest = { platform: first.platform, isWhole: false, sentence: failAsWell(others) };
    return [...(await Promise.all(sentences)), rest];
  }

  function failAsWell(outages: readonly Outage[]): string {
    return `${tenantsOf(outages)} that fail as well: ${outages.length}`;
  }

  function tenantsOf(outages: readonly Outage[]): string {
    return titles.tenants(outages.map(({ platform }) => platform));
  }

  return { start: () => rounds.start(), stop: rounds.stop, now: () => troubles };
}

/** Those that are neither among the others nor a part of one of them. */
function without(outages: readonly Outage[], others: readonly Outage[]): Outage[] {
  const keys = new Set(others.map(({ platform, quota }) => rowKey(platform, quota)));
  return outages.filter(
    ({ platform, quota }) => !keys.has(rowKey(platform, quota)) && !keys.has(rowKey(platform, null)),
  );
}

function pauseSentence({ says, todo }: LongPause): string {
  return todo === null ? says : `${says}. End that with: ${todo}`;
}
