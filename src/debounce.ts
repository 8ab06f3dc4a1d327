import { setImmediate as nextTurn } from "node:timers/promises";

/** What a turn brings may be told of at its very end, when whoever waits for that turn was called before. */
const QUIET_TURNS = 2;
const MOST_TURNS = 10;

export type Debounce = {
  /** It happened. */
  happened(): void;
  /** Resolves once two turns of the event loop have brought nothing, or after ten that did. */
  quiet(): Promise<void>;
};

/** Waits for a pause among things that may happen in turn after turn of the event loop, but not for long. */
export function createDebounce(): Debounce {
  let count = 0;
  return {
    happened() {
      count += 1;
    },
    async quiet() {
      let quietTurns = 0;
      for (let turn = 0; turn < MOST_TURNS && quietTurns < QUIET_TURNS; turn += 1) {
        const before = count;
        await nextTurn();
        quietTurns = count === before ? quietTurns + 1 : 0;
      }
    },
  };
}
