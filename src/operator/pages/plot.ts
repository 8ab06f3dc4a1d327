import { html, type SafeHtml } from "@remix-run/html-template";
import { scaleUtc } from "d3-scale";
import { clockOf } from "../../pages/times.ts";
import type { LastHour } from "../activity.ts";
import { deliveriesPanel } from "./plot/deliveries.ts";
import { PATTERN_DEFINITIONS } from "./plot/kinds.ts";
import { fine, type Panel } from "./plot/panel.ts";
import { reactionsPanel } from "./plot/reactions.ts";

const MINUTE_MS = 60_000;
const QUARTERS = 4;
/** Above the first panel, for its name, and between them. */
const NAME = 32;
const GAP = 46;
/** Below the last one, for the times. */
const TIMES = 32;

/** In units of a drawing, whose letters are 13 high or so. */
type Size = { name: "wide" | "narrow"; width: number; left: number; height: number };

// Letters shrink with the drawing, so that narrow screens need one of their own; the style shows the one that fits.
const SIZES: readonly Size[] = [
  { name: "wide", width: 960, left: 70, height: 120 },
  { name: "narrow", width: 360, left: 58, height: 100 },
];

/** The last hour as a plot, twice, for wide and for narrow screens. `words` say the same to who cannot see it. */
export function plot(hour: LastHour, words: string): SafeHtml {
  return html`${PATTERN_DEFINITIONS}${SIZES.map((size) => drawing(hour, words, size))}`;
}

function drawing(hour: LastHour, words: string, { name, width, left, height }: Size): SafeHtml {
  const right = width - 8;
  const x = scaleUtc(spanOf(hour), [left, right]);
  const upper = { x, left, right, top: NAME, bottom: NAME + height };
  const lower = { ...upper, top: upper.bottom + GAP, bottom: upper.bottom + GAP + height };
  return html`
<svg class="plot ${name}" viewBox="0 0 ${width} ${lower.bottom + TIMES}" role="img" aria-labelledby="plot-${name} plot-${name}-words">
<title id="plot-${name}">Deliveries and reaction times, minute by minute</title>
<desc id="plot-${name}-words">${words}</desc>
${[upper, lower].map((panel) => unknown(hour.since, panel))}
${deliveriesPanel(hour.minutes, upper)}
${reactionsPanel(hour.minutes, lower)}
<text class="tick" x="0" y="${lower.bottom + 22}">UTC</text>
${x.ticks(QUARTERS).map((time) => timeLabel(time.getTime(), lower))}
</svg>`;
}

function spanOf({ minutes }: LastHour): [number, number] {
  return [minutes[0]?.startsAt ?? 0, (minutes.at(-1)?.startsAt ?? 0) + MINUTE_MS];
}

/** The time of which nothing is known, since the server did not run yet. */
function unknown(since: number, { x, left, right, top, bottom }: Panel): SafeHtml | null {
  const end = Math.min(x(since), right);
  if (end <= left) return null;
  return html`<rect class="unknown" x="${left}" y="${top}" width="${fine(end - left)}" height="${bottom - top}"/>`;
}

/** None at the very end, where it would not fit. */
function timeLabel(ms: number, { x, right, bottom }: Panel): SafeHtml | null {
  const place = fine(x(ms));
  if (place > right - 18) return null;
  return html`<path class="mark" d="M${place},${bottom}v5"/><text class="tick" x="${place}" y="${bottom + 22}" text-anchor="middle">${clockOf(ms)}</text>`;
}
