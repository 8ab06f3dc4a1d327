import { table } from "../../src/cli/command.ts";
import { type Measured, NO_TARGET, type Unit } from "./figure.ts";
import type { Curve } from "./figures/curve.ts";
import type { Contestant } from "./figures/rivals.ts";
import type { Machine } from "./machine.ts";

type Common = {
  /** ISO 8601. */
  date: string;
  machine: Machine;
  figures: readonly Measured[];
};

export type Results = Common & {
  /** What the load is good for at the least, in requests per second. */
  loadPerSecond: number;
  /** null where they were not asked for. */
  rivals: readonly Contestant[] | null;
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
      "": verdictOn(figure),
    })),
  );
}

function verdictOn({ target, holds, worst }: Measured): string {
  if (target === NO_TARGET) return "";
  return holds ? "ok" : `MISSED${describe(worst)}`;
}

/** Ours beside what a user might pick instead. */
export function rivalsTable(rivals: readonly Contestant[]): string {
  return table(
    rivals.map(({ name, acksPerSecond, p99, killed: { lost, acknowledged } }) => ({
      "upstream 200 ms": name,
      "acks per second": amount(acksPerSecond, "/s"),
      "ack p99 at 200/s": amount(p99, "ms"),
      "lost by kill -9": `${lost} of ${acknowledged}`,
    })),
  );
}

function describe(worst: Measured["worst"]): string {
  return worst === undefined ? "" : ` (worst ${worst.of} ${worst.value.toFixed(1)} ${worst.unit})`;
}

/** As people read it: with two digits after the point where there are few before it. */
export function amount(value: number, unit: Unit): string {
  const digits = value >= 100 ? 0 : 2;
  const text = value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit === "/s" ? `${text}/s` : `${text} ${unit}`;
}

/** The results for machines, in a file that stays small; whatever comes with the figures is kept as it is. */
export function jsonOf<Rest extends Common>({ date, machine, figures, ...rest }: Rest): string {
  const named = figures.map(({ baseline, baselineValue, ...figure }) => ({
    ...figure,
    baseline: baselineValue,
    baselineName: baseline,
  }));
  const short = (_key: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(5)) : value;
  return `${JSON.stringify({ date, ...machine, figures: named, ...rest }, short, 2)}\n`;
}
