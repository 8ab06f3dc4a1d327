import { html, type SafeHtml } from "@remix-run/html-template";
import type { Exchange } from "../../../sandbox/exchanges.ts";
import type { View } from "../view.ts";

/** Each webhook and each call, the newest first. */
export function wireCard({ exchanges }: View): SafeHtml {
  return html`
<section class="card wire" aria-labelledby="wire">
<h2 id="wire">On the wire</h2>
<p class="soft small">Every webhook and every call as it happens. Open one to see what was in it.</p>
${exchanges.length === 0 ? html`<p class="soft small">Nothing yet.</p>` : null}
<div class="exchanges" role="group" aria-labelledby="wire" tabindex="0">${exchanges.map(exchangeItem)}
</div>
</section>`;
}

function exchangeItem(exchange: Exchange): SafeHtml {
  const { id, at, platform, kind, method, path, request, response } = exchange;
  const way = kind === "webhook" ? `${platform} → server` : `server → ${platform}`;
  return html`
<details id="exchange-${id}" class="exchange ${kind}">
<summary><span class="way">${way}</span><span class="took">${outcome(exchange)}</span><code class="cut">${method} ${path}</code></summary>
<p class="soft small">${new Date(at).toISOString().slice(11, 23)} UTC</p>
<p><code>${method} ${path}</code></p>
${body("Sent", request)}
${body("Answered", response)}
</details>`;
}

function outcome({ status, ms }: Exchange): SafeHtml {
  if (ms === null) return html`<span class="badge">under way</span>`;
  const mood = status === null || status >= 400 ? "bad" : "good";
  return html`<span class="badge ${mood}">${status ?? "no answer"}</span> <span class="ms">${ms < 1 ? "< 1" : Math.round(ms)} ms</span>`;
}

function body(name: string, value: unknown): SafeHtml | null {
  if (value === undefined) return null;
  return html`<h3>${name}</h3>
<pre tabindex="0" aria-label="${name}">${JSON.stringify(value, null, 2)}</pre>`;
}
