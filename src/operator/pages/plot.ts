import { html, type SafeHtml } from "@remix-run/html-template";
import { scaleLinear, scaleLog, scaleUtc } from "d3-scale";
import { line, type Series, stack } from "d3-shape";
import { clockOf } from "../../pages/times.ts";
import { DELIVERY_KINDS, type DeliveryKind, type LastHour, type Minute } from "../activity.ts";
import type { ReactionSummary } from "../reaction-times.ts";

const MINUTE_MS = 60_000;
const LEAST_SPAN_MS = 10 * MINUTE_MS;
const QUARTERS = 4;
/** Space above the first panel, for its name, and between the panels. */
const NAME = 32;
const GAP = 46;
/** Space below the last panel, for the times. */
const TIMES = 32;

/** In units of the drawing, in which letters are about 13 high. */
type Size = { name: "wide" | "narrow"; width: number; left: number; height: number };

// Letters shrink with the drawing, so narrow screens need a drawing of their own. The style sheet shows the one that fits.
const SIZES: readonly Size[] = [
  { name: "wide", width: 960, left: 70, height: 120 },
  { name: "narrow", width: 360, left: 58, height: 100 },
];

/** The last hour as a plot, once for wide and once for narrow screens. `words` say the same to people who cannot see it. */
export function plot(hour: LastHour, words: string): SafeHtml {
  return html`${PATTERN_DEFINITIONS}${SIZES.map((size) => drawing(hour, words, size))}`;
}

function drawing(hour: LastHour, words: string, { name, width, left, height }: Size): SafeHtml {
  const right = width - 8;
  const [from, to] = spanOf(hour);
  const x = scaleUtc([from, to], [left, right]);
  const minutes = hour.minutes.filter(({ startsAt }) => startsAt >= from);
  const upper = { x, left, right, top: NAME, bottom: NAME + height };
  const lower = { ...upper, top: upper.bottom + GAP, bottom: upper.bottom + GAP + height };
  return html`
<svg class="plot ${name}" viewBox="0 0 ${width} ${lower.bottom + TIMES}" role="img" aria-labelledby="plot-${name} plot-${name}-words">
<title id="plot-${name}">Deliveries and reaction times, minute by minute</title>
<desc id="plot-${name}-words">${words}</desc>
${[upper, lower].map((panel) => beforeStart(hour.since, panel))}
${deliveriesPanel(minutes, upper)}
${reactionsPanel(minutes, lower)}
<text class="tick" x="0" y="${lower.bottom + 22}">UTC</text>
${x.ticks(QUARTERS).map((time) => timeLabel(time.getTime(), lower))}
</svg>`;
}

/** From the start of the server, so that its first minutes fill the drawing; but at least ten minutes, and at most the hour. */
function spanOf({ since, minutes }: LastHour): [number, number] {
  const first = minutes[0]?.startsAt ?? 0;
  const end = (minutes.at(-1)?.startsAt ?? 0) + MINUTE_MS;
  return [Math.max(first, Math.min(minuteOf(since), end - LEAST_SPAN_MS)), end];
}

/** The beginning of the minute. */
function minuteOf(ms: number): number {
  return ms - (ms % MINUTE_MS);
}

/** Whether the plot shows time before the server was started, which it shades. */
export function showsTimeBefore(hour: LastHour): boolean {
  return minuteOf(hour.since) > spanOf(hour)[0];
}

/** Shades the time before the server was started, about which nothing is known. */
function beforeStart(since: number, { x, left, right, top, bottom }: Panel): SafeHtml | null {
  const end = Math.min(x(minuteOf(since)), right);
  if (end <= left) return null;
  return html`<rect class="unknown" x="${left}" y="${top}" width="${toTenths(end - left)}" height="${bottom - top}"/>`;
}

/** No label at the very end, where it would not fit. */
function timeLabel(ms: number, { x, right, bottom }: Panel): SafeHtml | null {
  const position = toTenths(x(ms));
  if (position > right - 18) return null;
  return html`<path class="mark" d="M${position},${bottom}v5"/><text class="tick" x="${position}" y="${bottom + 22}" text-anchor="middle">${clockOf(ms)}</text>`;
}

/** One of the two charts of a drawing, in units of the drawing. */
type Panel = {
  /** Maps milliseconds since 1970 to a position. */
  x: (ms: number) => number;
  left: number;
  right: number;
  top: number;
  bottom: number;
};

type Tick = { y: number; label: string };

/** Rounds to tenths of a unit, which are finer than a screen and keep paths short. */
function toTenths(position: number): number {
  return Math.round(position * 10) / 10;
}

/** The name of the panel, and its grid lines with their labels. */
function axis({ left, right, top }: Panel, name: string, ticks: readonly Tick[]): SafeHtml {
  return html`
<text class="name" x="0" y="${top - 12}">${name}</text>
<path class="grid" d="${ticks.map(({ y }) => `M${left},${toTenths(y)}H${right}`)}"/>
${ticks.map(({ y, label }) => html`<text class="tick" x="${left - 8}" y="${toTenths(y)}" dy="0.32em" text-anchor="end">${label}</text>`)}`;
}

/** The part of a minute's width that its bar takes; the rest is the gap. */
const BAR_PART = 0.78;

const stacked = stack<unknown, Minute, DeliveryKind>()
  .keys(DELIVERY_KINDS)
  .value(({ deliveries }, kind) => deliveries[kind]);

/** The deliveries of each minute: one stacked bar. */
function deliveriesPanel(minutes: readonly Minute[], panel: Panel): SafeHtml {
  const series = stacked(minutes);
  const most = Math.max(1, ...series.flat(2));
  const y = scaleLinear([0, most], [panel.bottom, panel.top]).nice(3);
  const ticks = y.ticks(3).filter(Number.isInteger);
  return html`${axis(
    panel,
    "Deliveries per minute",
    ticks.map((count) => ({ y: y(count), label: String(count) })),
  )}
${series.map((one) => html`<path class="bar ${one.key}" fill="${fillOf(one.key)}" d="${bars(one, panel, y)}"/>`)}`;
}

function bars(series: Series<Minute, DeliveryKind>, { x }: Panel, y: (count: number) => number): string {
  return series
    .filter(([low, high]) => high > low)
    .map(({ 0: low, 1: high, data: { startsAt } }) => {
      const start = x(startsAt);
      const width = (x(startsAt + MINUTE_MS) - start) * BAR_PART;
      return `M${toTenths(start)},${toTenths(y(low))}V${toTenths(y(high))}h${toTenths(width)}V${toTenths(y(low))}z`;
    })
    .join("");
}

const HALF_MINUTE_MS = 30_000;
/** Up to this many decades each have a grid line; if there are more, only every second one. */
const MOST_TICKS = 4;

type Point = { x: number; median: number; p95: number };

/** The median and 95th percentile of the reaction times of each minute; nothing for minutes without reactions. */
function reactionsPanel(minutes: readonly Minute[], panel: Panel): SafeHtml {
  const decades = decadesOf(minutes.flatMap(({ reactions }) => reactions ?? []));
  const domain = [decades[0] ?? 1, decades.at(-1) ?? 10];
  const y = scaleLog(domain, [panel.bottom, panel.top]);
  const points = minutes.map(({ startsAt, reactions }) => {
    return reactions && pointOf(panel.x(startsAt + HALF_MINUTE_MS), reactions, y);
  });
  const known = points.filter((point) => point !== null);
  const ticks = decades.filter((_, index) => decades.length <= MOST_TICKS || index % 2 === 0);
  return html`${axis(
    panel,
    "Reaction time",
    ticks.map((ms) => ({ y: y(ms), label: ms < 1000 ? `${ms} ms` : `${ms / 1000} s` })),
  )}
<path class="spread" d="${known.map(({ x, median, p95 }) => `M${x},${median}V${p95}m-3,0h6`)}"/>
<path class="median" d="${medianLine(points) ?? ""}"/>
<path class="dots" d="${known.map(({ x, median }) => `M${x},${median}h0`)}"/>`;
}

function pointOf(x: number, { medianMs, p95Ms }: ReactionSummary, y: (ms: number) => number): Point {
  return { x: toTenths(x), median: toTenths(y(medianMs)), p95: toTenths(y(p95Ms)) };
}

const medianLine = line<Point | null>()
  .defined((point) => point !== null)
  .x((point) => point?.x ?? 0)
  .y((point) => point?.median ?? 0);

/** The powers of ten, in ms, that enclose all reaction times; at least two. */
function decadesOf(reactions: readonly ReactionSummary[]): number[] {
  const all = reactions.flatMap(({ medianMs, p95Ms }) => [medianMs, p95Ms]);
  if (all.length === 0) return [10, 100, 1000];
  const lowest = Math.floor(Math.log10(Math.min(...all)));
  const highest = Math.max(Math.ceil(Math.log10(Math.max(...all))), lowest + 1);
  return Array.from({ length: highest - lowest + 1 }, (_, index) => 10 ** (lowest + index));
}

// Kinds differ by pattern as well as by colour. The colours are in style.css; a pattern must be named in the drawing.
const PATTERNS: Readonly<Partial<Record<DeliveryKind, string>>> = {
  duplicate: "M-1,1l2,-2M0,5l5,-5M4,6l2,-2",
  refused: "M0,0l5,5M5,0l-5,5",
};

/** The fill of a bar: its pattern, or just the colour from the style sheet. */
function fillOf(kind: DeliveryKind): string {
  return kind in PATTERNS ? `url(#kind-${kind})` : "currentColor";
}

/** The drawings refer to these patterns, so they must be on the page once. Hidden, they would not be drawn. */
const PATTERN_DEFINITIONS = html`
<svg class="unseen" aria-hidden="true"><defs>${Object.entries(PATTERNS).map(
  ([kind, lines]) => html`
<pattern id="kind-${kind}" class="${kind}" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5"/><path d="${lines}"/></pattern>`,
)}
</defs></svg>`;

/** A sample of a kind, for the legend. */
export function swatchOf(kind: DeliveryKind): SafeHtml {
  return swatch(html`<rect class="bar ${kind}" fill="${fillOf(kind)}" x="1" y="1" width="14" height="14"/>`);
}

/** A sample of what is drawn, 16 by 16. */
export function swatch(content: SafeHtml): SafeHtml {
  return html`<svg class="swatch" viewBox="0 0 16 16" aria-hidden="true">${content}</svg>`;
}
