import type { Bench } from "./bench.ts";
import { type Figure, type Measured, measuredOf } from "./figure.ts";
import { measureCeiling } from "./figures/ceiling.ts";
import { type Curve, measureCurve } from "./figures/curve.ts";
import { type Contestant, measureRivals } from "./figures/rivals.ts";
import { describeMachine } from "./machine.ts";
import type { Results } from "./report.ts";

/** What is to be measured, and who is told how it goes. */
export type RunOptions = {
  figures: readonly Figure[];
  withCurve: boolean;
  withRivals: boolean;
  tell: (line: string) => void;
};

export async function run(
  bench: Bench,
  { figures, withCurve, withRivals, tell }: RunOptions,
): Promise<Results> {
  const machine = describeMachine(bench.resources.folder);
  const loadPerSecond = await timed("ceiling of the load", tell, () => measureCeiling(bench));
  tell(`  ${Math.round(loadPerSecond)}/s`);
  const measured: Measured[] = [];
  for (const figure of figures) measured.push(await measureAloud(figure, bench, tell));
  const rivals = withRivals ? await rivalsAloud(bench, tell) : null;
  const latencyCurve = withCurve ? await curveAloud(bench, tell) : null;
  return { date: new Date().toISOString(), machine, loadPerSecond, figures: measured, rivals, latencyCurve };
}

async function measureAloud(figure: Figure, bench: Bench, tell: RunOptions["tell"]): Promise<Measured> {
  const measured = await timed(figure.id, tell, async () => measuredOf(figure, await figure.measure(bench)));
  const worst = measured.worst ? `, ${measured.worst.of} ${measured.worst.value.toFixed(1)}` : "";
  tell(`  ${measured.ratio.toFixed(2)}${worst}, wanted ${measured.target}`);
  return measured;
}

function curveAloud(bench: Bench, tell: RunOptions["tell"]): Promise<Curve> {
  return timed("curve", tell, () => measureCurve(bench));
}

function rivalsAloud(bench: Bench, tell: RunOptions["tell"]): Promise<Contestant[]> {
  return timed("rivals", tell, () => measureRivals(bench, tell));
}

/** A figure that cannot be measured ends the run, by its name. */
async function timed<T>(id: string, tell: RunOptions["tell"], work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    const value = await work();
    tell(`${id} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
    return value;
  } catch (cause) {
    throw new Error(`The figure ${id} could not be measured`, { cause });
  }
}
