import { html, type SafeHtml } from "@remix-run/html-template";
import { fromNow } from "../../../pages/times.ts";
import type { HookReport } from "../../../platforms/platform.ts";
import { scrolling } from "./scroll.ts";

/** The webhooks by which Webex tells of messages, as the server last saw them. */
export function hooksCard({ lookedAt, hooks }: HookReport, now: number): SafeHtml {
  return html`
<section class="card" aria-labelledby="hooks">
<h2 id="hooks">Webhooks at Webex</h2>
${
  lookedAt === null
    ? NOT_LOOKED
    : html`${hooks.length === 0 ? NONE : table(hooks)}
<p class="soft small">Looked at ${fromNow(lookedAt, now)}, and again every five minutes.</p>`
}
</section>`;
}

function table(hooks: HookReport["hooks"]): SafeHtml {
  return scrolling(
    "Webhooks at Webex",
    html`<table>
<thead><tr><th scope="col">State</th><th scope="col">Name</th><th scope="col">Leads to</th></tr></thead>
<tbody>${hooks.map(
      ({ name, targetUrl, isActive, isOurs }) => html`
<tr><td>${isActive ? ACTIVE : OFF} ${isOurs ? null : THEIRS}</td><th scope="row">${name}</th><td><code>${targetUrl}</code></td></tr>`,
    )}
</tbody></table>`,
  );
}

const ACTIVE = html`<span class="badge good">active</span>`;
const OFF = html`<span class="badge bad">switched off</span>`;
const THEIRS = html`<span class="badge">another program’s</span>`;
const NONE = html`
<p class="notice">The bot has none, so that no message reaches it. Add them with <code>npm run webhooks -- add</code>.</p>`;
const NOT_LOOKED = html`
<p class="soft">Webex has not told them yet. It is asked when the server starts, and again every five minutes.</p>`;
