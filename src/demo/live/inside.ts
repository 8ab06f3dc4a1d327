import { html, type SafeHtml } from "@remix-run/html-template";
import { keyOnOneLine, STATE_MOODS, stateBadge } from "../../pages/job-marks.ts";
import { timeOf } from "../../pages/times.ts";
import type { Exchange } from "../../sandbox/exchanges.ts";
import { JOB_STATES } from "../../store/store.ts";
import type { JobLine, View } from "./view.ts";

/** The inbox: what the server has promised to do, as it is on disk. */
export function inboxCard({ inbox: { counts, jobs } }: View): SafeHtml {
  return html`
<section class="card pane" aria-labelledby="inbox">
<header><h2 id="inbox">On disk: the inbox</h2></header>
<p class="soft small">A webhook is answered 200 only once its job is here.</p>
<div class="kept">
<dl class="counts">${JOB_STATES.map((state) => {
    return html`
<div><dt>${state}</dt><dd class="${counts[state] > 0 ? STATE_MOODS[state] : "none"}" id="count-${state}">${counts[state]}</dd></div>`;
  })}
</dl>
<ul class="plain jobs small">${jobs.map(jobItem)}
</ul>
</div>
</section>`;
}

function jobItem({ key, platform, state, attempts, nextAttemptAt }: JobLine): SafeHtml {
  const tried = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  const next = html`, the next at ${timeOf(nextAttemptAt, Date.now())} UTC`;
  return html`
<li>${stateBadge(state)} ${platform}, ${tried}${state === "waiting" && attempts > 0 ? next : null} ${keyOnOneLine(key)}</li>`;
}

/** The wire: each webhook and each call, newest first. */
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
