import { StoreError, sentenceOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Inbox, Store } from "../store/store.ts";

/** The check of the database is a write, so its result is shared for this long. */
const CHECK_GOOD_FOR_MS = 1000;
/** While the database cannot be written, and nobody asks, it is checked this often. */
const CHECK_EVERY_MS = 1000;

export type DatabaseWatch = {
  /** Why the database cannot be written, as a sentence; null: it can be. Writes at most once a second. */
  check(): Promise<string | null>;
  /** The same inbox. When one of its writes fails, the log says so, and the watch checks until it can be written again. */
  watched(inbox: Inbox): Inbox;
  /** Checks no more by itself, and resolves once the last check is over. */
  stop(): Promise<void>;
};

/** Finds out whether the database can be written, and logs when that ends and when it begins again. */
export function createDatabaseWatch({
  check: checkStore,
  log,
}: Pick<Store, "check"> & { log: Log }): DatabaseWatch {
  let known: string | null = null;
  let latest: Promise<string | null> = Promise.resolve(null);
  let goodUntil = 0;
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;

  async function look(): Promise<string | null> {
    const problem = await checkStore().then(() => null, sentenceOf);
    note(problem);
    goodUntil = performance.now() + CHECK_GOOD_FOR_MS;
    return problem;
  }

  function note(problem: string | null): void {
    if (problem !== null && known === null) log.error(`Not ready: ${problem}`);
    if (problem === null && known !== null) log.info("The database can be written again.");
    known = problem;
    if (problem !== null && timer === null && !isStopped)
      timer = setTimeout(lookAgain, CHECK_EVERY_MS).unref();
  }

  function lookAgain(): void {
    timer = null;
    void check();
  }

  function check(): Promise<string | null> {
    if (performance.now() < goodUntil) return latest;
    // Until this check ends, all callers share it.
    goodUntil = Number.POSITIVE_INFINITY;
    latest = look();
    return latest;
  }

  /** What was found before this write tells nothing any more. */
  async function noting<T>(write: () => Promise<T>): Promise<T> {
    try {
      const result = await write();
      if (known !== null) goodUntil = 0;
      return result;
    } catch (error) {
      if (error instanceof StoreError) {
        note(error.message);
        goodUntil = 0;
      }
      throw error;
    }
  }

  return {
    check,
    watched: (inbox) => ({
      ...inbox,
      accept: (jobs) => noting(() => inbox.accept(jobs)),
      claim: (claim) => noting(() => inbox.claim(claim)),
      saveProgress: (job, progress) => noting(() => inbox.saveProgress(job, progress)),
      settle: (...attempt) => noting(() => inbox.settle(...attempt)),
    }),
    async stop() {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      await latest;
    },
  };
}
