import { html, type SafeHtml } from "@remix-run/html-template";
import { fromNow, timeOf } from "../../pages/times.ts";
import type { ServerRecord } from "../../store/store.ts";
import { scrolling } from "./operator.ts";

export type ServersFacts = {
  /** The one that shows the page. */
  readonly own: string;
  readonly all: readonly ServerRecord[];
};

/** The servers on the database, also those that died within the last hour. */
export function serversCard({ own, all }: ServersFacts, now: number): SafeHtml {
  return html`
<section class="card" aria-labelledby="servers">
<h2 id="servers">${all.length === 1 ? "Server" : "Servers"}</h2>
${scrolling("Servers", serversTable(own, all, now))}
</section>`;
}

function serversTable(own: string, all: readonly ServerRecord[], now: number): SafeHtml {
  return html`<table>
<thead><tr><th scope="col">State</th><th scope="col">Name</th><th scope="col">Version</th><th scope="col">Started (UTC)</th><th scope="col">Last sign of life</th></tr></thead>
<tbody>${all.map(
    ({ name, version, startedAt, beatAt, isAlive }) => html`
<tr><td>${isAlive ? ALIVE : DEAD}</td><th scope="row">${name}${name === own ? THIS_ONE : null}</th><td data-label="Version">${version}</td><td data-label="Started">${timeOf(startedAt, now)}</td><td data-label="Last sign of life">${now - beatAt < BEATING_MS ? "just now" : fromNow(beatAt, now)}</td></tr>`,
  )}
</tbody></table>`;
}

/** Servers give a sign of life every three seconds. */
const BEATING_MS = 5000;

const ALIVE = html`<span class="badge good">alive</span>`;
const DEAD = html`<span class="badge bad">dead: others do its jobs</span>`;
const THIS_ONE = html` <span class="soft">this one</span>`;
