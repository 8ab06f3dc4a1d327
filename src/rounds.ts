/** Work that is repeated, one round at a time. */
export type Rounds = {
  /** Starts the first round, at once by default. */
  start(afterMs?: number): void;
  /** Runs a round now, or right after the current one. The next follows a full pause later. */
  again(): void;
  /** Starts no more rounds, and resolves once the current one has ended. */
  stop(): Promise<void>;
  isStopped(): boolean;
};

/** `pauseMs`: from the end of one round to the start of the next. `round` must not reject. */
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
