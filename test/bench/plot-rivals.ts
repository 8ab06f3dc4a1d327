import { scaleLinear } from "d3-scale";
import type { Contestant } from "./figures/rivals.ts";
import { ground, STYLE } from "./plot-style.ts";

const WIDTH = 860;
const PANELS_AT = 24;
const PANEL = { width: 250, gap: 31, top: 84 };
const ROW = 50;

type Panel = { title: string; value: (one: Contestant) => number; text: (one: Contestant) => string };

const PANELS: readonly Panel[] = [
  {
    title: "Acknowledged per second",
    value: (one) => one.acksPerSecond,
    text: (one) => whole(one.acksPerSecond),
  },
  { title: "Ack p99 at 200/s", value: (one) => one.p99, text: (one) => `${whole(one.p99)} ms` },
  {
    title: "Lost by kill -9",
    value: ({ killed }) => killed.lost,
    text: ({ killed }) => `${killed.lost} of ${killed.acknowledged}`,
  },
];

/** The comparison as bars, as an SVG image that is readable on a light and on a dark page. */
export function plotRivals(rivals: readonly Contestant[]): string {
  const title = "While the platform takes 200 ms for each call";
  const height = PANEL.top + rivals.length * ROW + 16;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title words">
<title id="title">${title}</title>
<desc id="words">${rivals.map(words).join(" ")}</desc>
<style>${STYLE}
</style>
${ground(WIDTH, height)}
<text class="title" x="${PANELS_AT}" y="36">${title}</text>
${PANELS.map((panel, place) => drawn(panel, place, rivals)).join("\n")}
</svg>
`;
}

function drawn({ title, value, text }: Panel, place: number, rivals: readonly Contestant[]): string {
  const left = PANELS_AT + place * (PANEL.width + PANEL.gap);
  const length = scaleLinear([0, Math.max(...rivals.map(value), 1)], [0, PANEL.width - 90]);
  const rows = rivals.map((one, row) => {
    const top = PANEL.top + row * ROW;
    const isOurs = row === 0;
    const bar = `<rect class="bar ${isOurs ? "ours" : "other"}" x="${left}" y="${top + 20}" width="${length(value(one)).toFixed(1)}" height="12" rx="2"/>`;
    const end = left + length(value(one)) + 8;
    return `<text x="${left}" y="${top + 12}">${one.name}</text>${bar}<text class="value" x="${end.toFixed(1)}" y="${top + 31}">${text(one)}</text>`;
  });
  return `<text class="heading" x="${left}" y="66">${title}</text>\n${rows.join("\n")}`;
}

function words({ name, acksPerSecond, p99, killed }: Contestant): string {
  return `${name}: ${whole(acksPerSecond)} webhooks acknowledged per second, p99 ${whole(p99)} ms at 200/s, ${killed.lost} of ${killed.acknowledged} lost by kill -9.`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
