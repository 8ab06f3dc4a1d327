import type { Log } from "../log.ts";

const MINUTE_MS = 60_000;
/** How many lines are logged in full before the rest is counted. */
const IN_FULL = 5;

/** Lines that a trouble would repeat for every job and every second. */
export type FewLines = {
  /** Has the line written if it is among the first few; else counts it. */
  write(line: () => void): void;
  /** Logs the count that is not logged yet. */
  stop(): void;
};

/** Logs the first few lines, and then how many there were in each minute, until there is none in a minute. */
export function createFewLines(log: Log, countSentence: (count: number) => string): FewLines {
  let inFull = 0;
  let counted = 0;
  let timer: NodeJS.Timeout | null = null;

  function endMinute(): void {
    timer = null;
    if (counted === 0) inFull = 0;
    else {
      log.error({ times: counted }, countSentence(counted));
      begin();
    }
    counted = 0;
  }

  function begin(): void {
    timer ??= setTimeout(endMinute, MINUTE_MS).unref();
  }

  return {
    write(line) {
      begin();
      if (inFull < IN_FULL) {
        inFull += 1;
        line();
      } else counted += 1;
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      if (counted > 0) log.error({ times: counted }, countSentence(counted));
      counted = 0;
    },
  };
}
