import { html, type SafeHtml } from "@remix-run/html-template";

/** One of the fields of a drawing, in the drawing's units. */
export type Panel = {
  /** Milliseconds since 1970 to a place. */
  x: (ms: number) => number;
  left: number;
  right: number;
  top: number;
  bottom: number;
};

export type Tick = { y: number; label: string };

/** Tenths of a unit are finer than a screen, and keep paths short. */
export function fine(place: number): number {
  return Math.round(place * 10) / 10;
}

/** What the panel is about, and its lines with what they stand for. */
export function scaleOf({ left, right, top }: Panel, name: string, ticks: readonly Tick[]): SafeHtml {
  return html`
<text class="name" x="0" y="${top - 12}">${name}</text>
<path class="grid" d="${ticks.map(({ y }) => `M${left},${fine(y)}H${right}`)}"/>
${ticks.map(({ y, label }) => html`<text class="tick" x="${left - 8}" y="${fine(y)}" dy="0.32em" text-anchor="end">${label}</text>`)}`;
}
