import type { Installations } from "../../store/store.ts";

/** Licenses read at once, where a lap is behind its time. */
const MOST_AT_ONCE = 500;

export type LapOptions = {
  /** How long it takes to come round. */
  lapMs: number;
  /** How long nothing happens at first. The first lap takes so much less. */
  quietMs: number;
};

export type Lap = {
  /** The licenses whose turn has come since the last call, in order; none twice in one lap. Throws StoreError. */
  next(): Promise<number[]>;
};

type State = { startedAt: number; ms: number; size: number | null; taken: number; after: number | null };

/**
 * Goes through the working licenses again and again, evenly over the time. It knows where it is, and nothing of the
 * licenses: what is installed meanwhile is met within the time of one lap, and what is removed is not.
 */
export function createLap(
  installations: Pick<Installations, "working" | "countByState">,
  { lapMs, quietMs }: LapOptions,
): Lap {
  let lap: State | null = null;

  return {
    async next() {
      lap ??= startAt(performance.now() + quietMs, lapMs - quietMs);
      const passed = (performance.now() - lap.startedAt) / lap.ms;
      if (passed < 0) return [];
      lap.size ??= (await installations.countByState()).ok;
      // At its end it takes whatever is left: some may have been installed since they were counted.
      const isEnding = passed >= 1;
      const turns = isEnding ? MOST_AT_ONCE : Math.floor(lap.size * passed) - lap.taken;
      const limit = Math.min(turns, MOST_AT_ONCE);
      if (limit <= 0) return [];
      const found = await installations.working({ after: lap.after, limit });
      lap.taken += found.length;
      lap.after = found.at(-1) ?? lap.after;
      if (isEnding && found.length < limit) lap = startAt(performance.now(), lapMs);
      return found;
    },
  };
}

function startAt(startedAt: number, ms: number): State {
  return { startedAt, ms, size: null, taken: 0, after: null };
}
