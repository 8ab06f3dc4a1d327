/** Work that is done again and again, never twice at the same time. */
export type Rounds = {
  /** Begins the first round, at once unless told otherwise. */
  start(afterMs?: number): void;
  /** One more round at once, or after the one that is under way; the next comes a whole pause later. */
  again(): void;
  /** Begins no more, and resolves once the round that is under way has ended. */
  stop(): Promise<void>;
  isStopped(): boolean;
};

/** The pause lasts from the end of one round to the beginning of the next. `round` must not reject. */
export function createRounds(pauseMs: number, round: () => Promise<void>): Rounds {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay = Promise.resolve();

  async function run(): Promise<void> {
    clearTimeout(timer);
    await round();
    if (!stopped) timer = setTimeout(begin, pauseMs);
  }

  function begin(): void {
    underWay = run();
  }

  return {
    start(afterMs) {
      if (afterMs === undefined) begin();
      else timer = setTimeout(begin, afterMs);
    },
    again() {
      underWay = underWay.then(() => (stopped ? undefined : run()));
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await underWay;
    },
    isStopped: () => stopped,
  };
}
