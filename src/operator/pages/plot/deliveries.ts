import { html, type SafeHtml } from "@remix-run/html-template";
import { scaleLinear } from "d3-scale";
import { type Series, stack } from "d3-shape";
import { DELIVERY_KINDS, type DeliveryKind, type Minute } from "../../activity.ts";
import { fillOf } from "./kinds.ts";
import { fine, type Panel, scaleOf } from "./panel.ts";

const MINUTE_MS = 60_000;
/** Of a minute; the rest stands between it and the next. */
const BAR_PART = 0.78;

const stacked = stack<unknown, Minute, DeliveryKind>()
  .keys(DELIVERY_KINDS)
  .value(({ deliveries }, kind) => deliveries[kind]);

/** Deliveries of each minute, a bar of all kinds. */
export function deliveriesPanel(minutes: readonly Minute[], panel: Panel): SafeHtml {
  const series = stacked(minutes);
  const most = Math.max(1, ...series.flat(2));
  const y = scaleLinear([0, most], [panel.bottom, panel.top]).nice(3);
  const ticks = y.ticks(3).filter(Number.isInteger);
  return html`${scaleOf(
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
      return `M${fine(start)},${fine(y(low))}V${fine(y(high))}h${fine(width)}V${fine(y(low))}z`;
    })
    .join("");
}
