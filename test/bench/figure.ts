import type { Bench } from "./bench.ts";

export type Round = {
  ours: number;
  /** Measured right before. */
  baseline: number;
  /** What the target's limit is for, where it has one. */
  limited?: number;
};

export type Bound = { atLeast: number } | { atMost: number };

/** For the worst round. */
export type Limit = { of: string; unit: Unit; atMost: number };

/** Of the ratio of ours to the baseline, of the worst round, of both, or none. */
export type Target = { ratio?: Bound; limit?: Limit };

export type Unit = "/s" | "ms" | "MB";

export type Figure = {
  /** For `--only`. */
  id: string;
  name: string;
  baseline: string;
  unit: Unit;
  target: Target;
  measure: (bench: Bench) => Promise<Round[]>;
};

/** A figure for which somebody else measures. */
export type FigureFacts = Omit<Figure, "measure">;

/** A figure as it came out: `ours` and `baseline` are medians, and so is `ratio`, of the rounds' own ratios. */
export type Measured = Omit<Figure, "measure" | "target"> & {
  ours: number;
  ratio: number;
  baselineValue: number;
  target: string;
  holds: boolean;
  /** What the target limits, in the worst round; only where it has a limit. */
  worst?: { of: string; unit: Unit; value: number };
  rounds: readonly Round[];
};

/** Compares neighbours, since a machine that is busy with something else is so for both of them. */
export function measuredOf(
  { measure: _, target, ...figure }: FigureFacts & Partial<Figure>,
  rounds: readonly Round[],
): Measured {
  const ratio = median(rounds.map(({ ours, baseline }) => ours / baseline));
  return {
    ...figure,
    ours: median(rounds.map(({ ours }) => ours)),
    baselineValue: median(rounds.map(({ baseline }) => baseline)),
    ratio,
    target: describe(target),
    holds: isMet(target, ratio, rounds),
    ...worstOf(target, rounds),
    rounds,
  };
}

function worstOf({ limit }: Target, rounds: readonly Round[]): Pick<Measured, "worst"> {
  const limited = rounds.flatMap(({ limited }) => limited ?? []);
  if (!limit || limited.length === 0) return {};
  return { worst: { of: limit.of, unit: limit.unit, value: Math.max(...limited) } };
}

/** Of an even number the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return (low + high) / 2;
}

export function isMet({ ratio: bound, limit }: Target, ratio: number, rounds: readonly Round[]): boolean {
  const fits = !bound || ("atLeast" in bound ? ratio >= bound.atLeast : ratio <= bound.atMost);
  return fits && (!limit || rounds.every(({ limited }) => limited !== undefined && limited <= limit.atMost));
}

/** A figure that is only to be known. */
export const NO_TARGET = "none";

function describe({ ratio, limit }: Target): string {
  const bounds = [
    ratio && ("atLeast" in ratio ? `>= ${ratio.atLeast.toFixed(2)}` : `<= ${ratio.atMost.toFixed(2)}`),
    limit && `${limit.of} <= ${limit.atMost} ${limit.unit}`,
  ];
  return bounds.filter((bound) => bound !== undefined).join(", ") || NO_TARGET;
}

/**
 * The baseline and ours in turn, so many times. What comes first is a warm-up of each, which does not count: both
 * measure code that is compiled while it runs.
 */
export async function alternate<B, O>(
  rounds: number,
  measureBaseline: () => Promise<B>,
  measureOurs: () => Promise<O>,
  roundOf: (baseline: B, ours: O) => Round,
): Promise<Round[]> {
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const baseline = await measureBaseline();
    measured.push(roundOf(baseline, await measureOurs()));
  }
  return measured.slice(1);
}
