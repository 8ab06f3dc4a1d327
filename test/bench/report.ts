import { table } from "../../src/cli/command.ts";
import type { Measured, Unit } from "./figure.ts";
import type { Curve } from "./figures/curve.ts";
import type { Machine } from "./machine.ts";

export type Results = {
  /** ISO 8601. */
  date: string;
  machine: Machine;
  /** What the load is good for at the least, in requests per second. */
  loadPerSecond: number;
  figures: readonly Measured[];
  /** null where it was not asked for. */
  latencyCurve: Curve | null;
};

/** The figures for people; what is missed stands out. */
export function tableOf(figures: readonly Measured[]): string {
  return table(
    figures.map((figure) => ({
      figure: figure.name,
      ours: amount(figure.ours, figure.unit),
      baseline: `${amount(figure.baselineValue, figure.unit)} (${figure.baseline})`,
      ratio: figure.ratio.toFixed(2),
      target: figure.target,
      "": figure.holds ? "ok" : `MISSED${describe(figure.worst)}`,
    })),
  );
}

function describe(worst: Measured["worst"]): string {
  return worst === undefined ? "" : ` (worst ${worst.of} ${worst.value.toFixed(1)} ${worst.unit})`;
}

function amount(value: number, unit: Unit): string {
  const digits = value >= 100 ? 0 : 2;
  const text = value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit === "/s" ? `${text}/s` : `${text} ${unit}`;
}

/** The results for machines, in a file that stays small. */
export function jsonOf({ date, machine, loadPerSecond, figures, latencyCurve }: Results): string {
  const named = figures.map(({ baseline, baselineValue, ...figure }) => ({
    ...figure,
    baseline: baselineValue,
    baselineName: baseline,
  }));
  const short = (_key: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(5)) : value;
  return `${JSON.stringify({ date, ...machine, loadPerSecond, figures: named, latencyCurve }, short, 2)}\n`;
}
