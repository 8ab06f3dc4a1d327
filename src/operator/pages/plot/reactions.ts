import { html, type SafeHtml } from "@remix-run/html-template";
import { scaleLog } from "d3-scale";
import { line } from "d3-shape";
import type { Minute, Reactions } from "../../activity.ts";
import { fine, type Panel, scaleOf } from "./panel.ts";

const HALF_MINUTE_MS = 30_000;
/** Decades with a line of their own; of more, every other one has it. */
const MOST_TICKS = 4;

type Point = { x: number; median: number; p95: number };

/** Reaction times of each minute: half of them, and 95 of 100, were at most so long. Nothing where there were none. */
export function reactionsPanel(minutes: readonly Minute[], panel: Panel): SafeHtml {
  const decades = decadesOf(minutes.flatMap(({ reactions }) => reactions ?? []));
  const domain = [decades[0] ?? 1, decades.at(-1) ?? 10];
  const y = scaleLog(domain, [panel.bottom, panel.top]);
  const points = minutes.map(({ startsAt, reactions }) => {
    return reactions && pointOf(panel.x(startsAt + HALF_MINUTE_MS), reactions, y);
  });
  const known = points.filter((point) => point !== null);
  const ticks = decades.filter((_, index) => decades.length <= MOST_TICKS || index % 2 === 0);
  return html`${scaleOf(
    panel,
    "Reaction time",
    ticks.map((ms) => ({ y: y(ms), label: ms < 1000 ? `${ms} ms` : `${ms / 1000} s` })),
  )}
<path class="spread" d="${known.map(({ x, median, p95 }) => `M${x},${median}V${p95}m-3,0h6`)}"/>
<path class="median" d="${medianLine(points) ?? ""}"/>
<path class="dots" d="${known.map(({ x, median }) => `M${x},${median}h0`)}"/>`;
}

function pointOf(x: number, { medianMs, p95Ms }: Reactions, y: (ms: number) => number): Point {
  return { x: fine(x), median: fine(y(medianMs)), p95: fine(y(p95Ms)) };
}

const medianLine = line<Point | null>()
  .defined((point) => point !== null)
  .x((point) => point?.x ?? 0)
  .y((point) => point?.median ?? 0);

/** The powers of ten, in ms, between which all lie; at least two. */
function decadesOf(reactions: readonly Reactions[]): number[] {
  const all = reactions.flatMap(({ medianMs, p95Ms }) => [medianMs, p95Ms]);
  if (all.length === 0) return [10, 100, 1000];
  const lowest = Math.floor(Math.log10(Math.min(...all)));
  const highest = Math.max(Math.ceil(Math.log10(Math.max(...all))), lowest + 1);
  return Array.from({ length: highest - lowest + 1 }, (_, index) => 10 ** (lowest + index));
}
