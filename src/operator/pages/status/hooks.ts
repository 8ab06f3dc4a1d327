import { html, type SafeHtml } from "@remix-run/html-template";
import { fromNow } from "../../../pages/times.ts";
import type { HookReport } from "../../../platforms/platform.ts";
import { scrolling } from "./scroll.ts";

export type HooksFacts = { name: string; title: string; report: HookReport };

/** The webhooks of a platform's bot, as the server last saw them. */
export function hooksCard({ name, title, report: { lookedAt, hooks } }: HooksFacts, now: number): SafeHtml {
  const heading = `Webhooks at ${title}`;
  return html`
<section class="card" aria-labelledby="hooks-${name}">
<h2 id="hooks-${name}">${heading}</h2>
${
  lookedAt === null
    ? html`
<p class="soft">${title} has not told them yet. It is asked when the server starts, and again every five minutes.</p>`
    : html`${hooks.length === 0 ? NONE : table(heading, hooks)}
<p class="soft small">Looked at ${fromNow(lookedAt, now)}, and again every five minutes.</p>`
}
</section>`;
}

function table(heading: string, hooks: HookReport["hooks"]): SafeHtml {
  return scrolling(
    heading,
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
