import { html, type SafeHtml } from "@remix-run/html-template";
import { formatDuration } from "../../durations.ts";
import { clockOf } from "../../pages/times.ts";
import { DELIVERY_KINDS, type DeliveryCounts, type DeliveryKind, type LastHour } from "../activity.ts";
import { plot, showsTimeBefore, swatch, swatchOf } from "./plot.ts";

const HOUR_MS = 3_600_000;

/** The last hour as a plot and in words. */
export function hourCard(hour: LastHour, now: number): SafeHtml {
  const words = inWords(hour, now);
  const isEmpty = totalOf(hour) === 0 && hour.reactions === null;
  return html`
<section class="card" aria-labelledby="hour">
<h2 id="hour">The last hour</h2>
${isEmpty ? null : html`${plot(hour, words)}${legend(hour)}`}
<p>${words}${isYoung(hour, now) && !hour.isKept ? ANEW : null}</p>
<p class="soft small">A delivery is one webhook: a message in which a platform says what has happened, such as a new line in a chat. A reaction time runs from there until the bot is done.</p>
</section>`;
}

const ANEW = html` <span class="soft">The figures begin anew with each start of the server; no job is lost by that.</span>`;

const MEANINGS: Readonly<Record<DeliveryKind, string>> = {
  accepted: "became a job",
  duplicate: "had come before",
  ignored: "asks for nothing",
  refused: "could not be taken",
};

function legend(hour: LastHour): SafeHtml {
  return html`
<ul class="legend" aria-label="Legend">${DELIVERY_KINDS.map((kind) => html`<li>${swatchOf(kind)} ${kind}: ${MEANINGS[kind]}</li>`)}
<li>${swatch(html`<path class="dots" d="M8,8h0"/>`)} median: half were faster</li>
<li>${swatch(html`<path class="spread" d="M8,14V3m-3,0h6"/>`)} 95th percentile: 95 of 100 were faster</li>
${showsTimeBefore(hour) ? BEFORE : null}</ul>`;
}

const BEFORE = html`<li>${swatch(html`<rect class="unknown" width="16" height="16"/>`)} before the start</li>`;

function isYoung({ since }: LastHour, now: number): boolean {
  return now - since < HOUR_MS;
}

/** The totals of the hour in one or two sentences. */
export function inWords(hour: LastHour, now: number): string {
  const begin = isYoung(hour, now)
    ? `Since ${clockOf(hour.since)} UTC, when ${hour.isKept ? "the first server" : "the server"} was started`
    : "In the last hour";
  const total = totalOf(hour);
  if (total === 0 && hour.reactions === null) return `${begin}: nothing has happened.`;
  return `${begin}: ${deliveries(total, countsOf(hour))} ${reactions(hour)}`;
}

function deliveries(total: number, counts: DeliveryCounts): string {
  if (total === 0) return "no deliveries.";
  const each = DELIVERY_KINDS.filter((kind) => counts[kind] > 0).map((kind) => `${counts[kind]} ${kind}`);
  return `${total} ${total === 1 ? "delivery" : "deliveries"} (${each.join(", ")}).`;
}

function reactions({ reactions }: LastHour): string {
  if (reactions === null) return "No reactions.";
  const { count, medianMs, p95Ms } = reactions;
  if (count === 1) return `1 reaction, after ${formatDuration(medianMs)}.`;
  return `${count} reactions, half of them within ${formatDuration(medianMs)}, 95 % within ${formatDuration(p95Ms)}.`;
}

function countsOf({ minutes }: LastHour): DeliveryCounts {
  const counts = { accepted: 0, duplicate: 0, ignored: 0, refused: 0 };
  for (const { deliveries } of minutes) for (const kind of DELIVERY_KINDS) counts[kind] += deliveries[kind];
  return counts;
}

function totalOf(hour: LastHour): number {
  return Object.values(countsOf(hour)).reduce((sum, count) => sum + count, 0);
}
