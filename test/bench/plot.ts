import { scaleLinear, scaleLog } from "d3-scale";
import { line as pathOf } from "d3-shape";
import type { Curve, Line, Point } from "./figures/curve.ts";
import { ground, STYLE } from "./plot-style.ts";

const WIDTH = 860;
const HEIGHT = 400;
const AREA = { left: 76, right: WIDTH - 24, top: 96, bottom: HEIGHT - 60 };
const LEGEND_Y = 66;
const LEGEND_STEP = 195;

type Series = { server: keyof Curve; percentile: "p50" | "p99"; label: string };

const SERIES: readonly Series[] = [
  { server: "ours", percentile: "p99", label: "chatops-server, p99" },
  { server: "ours", percentile: "p50", label: "chatops-server, p50" },
  { server: "bare", percentile: "p99", label: "bare Express, p99" },
  { server: "bare", percentile: "p50", label: "bare Express, p50" },
];

/** Ack latency against load as an SVG image, readable on a light and on a dark page. */
export function plot(curve: Curve): string {
  const title = "Time until a webhook is acknowledged, against load";
  const scales = scalesFor(curve);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title words">
<title id="title">${title}</title>
<desc id="words">${words(curve)}</desc>
<style>${STYLE}
</style>
${ground(WIDTH, HEIGHT)}
<text class="title" x="${AREA.left}" y="36">${title}</text>
${SERIES.map(legend).join("\n")}
${yAxis(scales)}
${xAxis(scales, curve)}
${SERIES.map((series) => drawn(series, scales, curve)).join("\n")}
</svg>
`;
}

function scalesFor({ ours, bare }: Curve) {
  const points = [...ours.points, ...bare.points];
  const times = points.flatMap(({ p50, p99 }) => [p50, p99]);
  const shares = points.map(({ share }) => share);
  return {
    x: scaleLinear([Math.min(...shares), Math.max(...shares)], [AREA.left, AREA.right]),
    // Latency grows by the hundredfold as a server comes to its maximum.
    y: scaleLog([Math.min(...times), Math.max(...times)], [AREA.bottom, AREA.top]).nice(),
    shares: [...new Set(shares)],
  };
}

type Scales = ReturnType<typeof scalesFor>;

function drawn({ server, percentile }: Series, { x, y }: Scales, curve: Curve): string {
  const draw = pathOf<Point>(
    ({ share }) => x(share),
    (point) => y(point[percentile]),
  ).digits(1);
  return `<path class="series ${server} ${percentile}" d="${draw(curve[server].points)}"/>`;
}

function legend({ server, percentile, label }: Series, place: number): string {
  const x = AREA.left + place * LEGEND_STEP;
  return `<path class="series ${server} ${percentile}" d="M${x},${LEGEND_Y - 5}h32"/><text x="${x + 40}" y="${LEGEND_Y}">${label}</text>`;
}

function yAxis({ y }: Scales): string {
  const powers = y.ticks().filter((ms) => Number.isInteger(Math.log10(ms)));
  return powers
    .map((ms) => {
      const at = y(ms).toFixed(1);
      return `<path class="grid" d="M${AREA.left},${at}H${AREA.right}"/><text x="${AREA.left - 10}" y="${at}" dy="5" text-anchor="end">${ms} ms</text>`;
    })
    .join("\n");
}

function xAxis({ x, shares }: Scales, { ours, bare }: Curve): string {
  const ticks = shares.map((share, place) => {
    const anchor = place === 0 ? "start" : place === shares.length - 1 ? "end" : "middle";
    return `<text x="${x(share).toFixed(1)}" y="${AREA.bottom + 24}" text-anchor="${anchor}">${percent(share)}</text>`;
  });
  const meaning = `Load, as a share of what each can take: chatops-server ${rate(ours)}, bare Express ${rate(bare)}`;
  return `${ticks.join("\n")}
<text x="${AREA.left}" y="${AREA.bottom + 48}">${meaning}</text>`;
}

function words({ ours, bare }: Curve): string {
  return [...ours.points.entries()]
    .map(([place, { share, p50, p99 }]) => {
      const other = bare.points[place];
      return `At ${percent(share)} of the maximum: p50 ${p50.toFixed(1)} ms and p99 ${p99.toFixed(1)} ms, bare Express ${other?.p50.toFixed(1)} ms and ${other?.p99.toFixed(1)} ms.`;
    })
    .join(" ");
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function rate({ maxPerSecond }: Line): string {
  return `${Math.round(maxPerSecond).toLocaleString("en-US")}/s`;
}
