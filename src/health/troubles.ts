import { formatDuration } from "../durations.ts";
import { sentenceOf } from "../errors.ts";
import type { PlatformName } from "../job.ts";
import type { Log } from "../log.ts";
import { createRounds } from "../rounds.ts";
import type { Store } from "../store/store.ts";
import { type FailingWatch, type Outage, subjectKey } from "./failing.ts";
import { backlogSentence, endSentence, type LongPause, longPauses, outageSentence } from "./sentences.ts";
import type { Titles } from "./titles.ts";

const LOOK_EVERY_MS = 1000;
/** How many tenants are named at once; when hundreds fail, their number says more. */
const MOST_NAMED = 5;
/** Pauses are read only at every fifth look: with thousands of failing tenants there are too many to read every second. */
const LOOKS_PER_LIST = 5;

/** What is failing or falling behind, in sentences without a full stop. They name tenants: only for operators. */
export type Troubles = {
  readonly outages: readonly {
    readonly platform: PlatformName;
    /** Whether the whole platform is failing, or one of its tenants. */
    readonly isWhole: boolean;
    readonly sentence: string;
  }[];
  /** That jobs have waited too long; null: none has. */
  readonly backlog: string | null;
  /** The long pauses that platforms have asked for. */
  readonly pauses: readonly string[];
};

export type TroubleWatch = {
  start(): void;
  stop(): Promise<void>;
  /** The result of the last look, about a second ago. */
  now(): Troubles;
};

export type TroubleWatchOptions = {
  failing: Pick<FailingWatch, "outages">;
  store: Pick<Store, "desk" | "holds">;
  titles: Titles;
  log: Log;
};

/** Checks every second what is failing and what is waiting, and logs when a trouble begins and when it ends. */
export function createTroubleWatch({ failing, store, titles, log }: TroubleWatchOptions): TroubleWatch {
  const { desk, holds } = store;
  const checkBacklog = createBacklogCheck(desk, log);
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
      troubles = { outages: await sentencesFor(outages), backlog: await checkBacklog(), pauses };
    } catch (error) {
      log.debug(`Troubles could not be checked, next try in a second: ${sentenceOf(error)}`);
    }
  }

  async function report(outages: readonly Outage[]): Promise<void> {
    const begun = without(outages, known);
    // When the whole platform begins to fail, its tenants leave the list without having recovered.
    const ended = without(known, outages);
    for (const outage of begun.slice(0, MOST_NAMED))
      log.warn(`${await outageSentence(outage, titles, desk)}.`);
    for (const outage of ended.slice(0, MOST_NAMED)) log.info(endSentence(outage, titles));
    const [others, back] = [begun.slice(MOST_NAMED), ended.slice(MOST_NAMED)];
    if (others.length > 0) log.warn(`${failAsWell(others)}.`);
    if (back.length > 0) log.info(`${more(back)} ${back.length === 1 ? "works" : "work"} again.`);
  }

  async function sentencesFor(outages: readonly Outage[]): Promise<Troubles["outages"]> {
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
    return `${more(outages)} ${outages.length === 1 ? "is" : "are"} failing`;
  }

  function more(outages: readonly Outage[]): string {
    return titles.more(outages.map(({ platform }) => platform));
  }

  return { start: () => rounds.start(), stop: rounds.stop, now: () => troubles };
}

/** Returns the sentence about the backlog, if there is one. Logs when a backlog begins and when it ends. */
function createBacklogCheck(desk: Store["desk"], log: Log): () => Promise<string | null> {
  let beganAt: number | null = null;
  return async () => {
    const sentence = await backlogSentence(desk);
    if (sentence !== null && beganAt === null) {
      beganAt = performance.now();
      log.warn(`${sentence}.`);
    }
    if (sentence === null && beganAt !== null) {
      const lasted = formatDuration(performance.now() - beganAt);
      log.info(`The backlog is over after ${lasted}: no job has waited for more than a minute.`);
      beganAt = null;
    }
    return sentence;
  };
}

/** The outages that are not among `others`, and whose platform as a whole is not either. */
function without(outages: readonly Outage[], others: readonly Outage[]): Outage[] {
  const keys = new Set(others.map(({ platform, quota }) => subjectKey(platform, quota)));
  return outages.filter(
    ({ platform, quota }) => !keys.has(subjectKey(platform, quota)) && !keys.has(subjectKey(platform, null)),
  );
}

function pauseSentence({ says, todo }: LongPause): string {
  return todo === null ? says : `${says}. To end the pause: ${todo}`;
}
