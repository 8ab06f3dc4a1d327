/** Durations of reactions: how many there were of each, by milliseconds to two figures. It can be kept, and added up. */
export type ReactionTimes = {
  add(ms: number, count?: number): void;
  /** [milliseconds, how many] of each duration, the shortest first. */
  entries(): [number, number][];
};

export type ReactionSummary = { readonly count: number; readonly medianMs: number; readonly p95Ms: number };

const LONGEST_MS = 3_600_000;

export function createReactionTimes(): ReactionTimes {
  const counts = new Map<number, number>();
  return {
    add(ms, count = 1) {
      const rounded = twoFigures(Math.min(Math.max(Math.round(ms), 1), LONGEST_MS));
      counts.set(rounded, (counts.get(rounded) ?? 0) + count);
    },
    entries: () => [...counts].sort(([a], [b]) => a - b),
  };
}

/** The median and 95th percentile of all of them; null: there are none. */
export function summaryOf(all: readonly ReactionTimes[]): ReactionSummary | null {
  const together = createReactionTimes();
  for (const one of all) for (const [ms, count] of one.entries()) together.add(ms, count);
  const entries = together.entries();
  const count = entries.reduce((sum, [, one]) => sum + one, 0);
  if (count === 0) return null;
  return { count, medianMs: percentile(entries, count, 0.5), p95Ms: percentile(entries, count, 0.95) };
}

function percentile(entries: readonly [number, number][], count: number, share: number): number {
  let left = Math.ceil(count * share);
  for (const [ms, one] of entries) {
    left -= one;
    if (left <= 0) return ms;
  }
  return 0;
}

function twoFigures(ms: number): number {
  const unit = 10 ** Math.max(Math.floor(Math.log10(ms)) - 1, 0);
  return Math.round(ms / unit) * unit;
}
