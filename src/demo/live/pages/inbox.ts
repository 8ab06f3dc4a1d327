import { html, type SafeHtml } from "@remix-run/html-template";
import { STATE_MOODS, stateBadge } from "../../../pages/job-marks.ts";
import { timeOf } from "../../../pages/times.ts";
import { JOB_STATES } from "../../../store/store.ts";
import type { JobLine, View } from "../view.ts";

/** What the server has promised to do, as it stands on disk. */
export function inboxCard({ inbox: { counts, jobs } }: View): SafeHtml {
  return html`
<section class="card" aria-labelledby="inbox">
<h2 id="inbox">On disk: the inbox</h2>
<p class="soft small">A webhook is answered 200 only once its job stands here.</p>
<dl class="counts">${JOB_STATES.map((state) => {
    return html`
<div><dt>${state}</dt><dd class="${counts[state] > 0 ? STATE_MOODS[state] : "none"}" id="count-${state}">${counts[state]}</dd></div>`;
  })}
</dl>
<ul class="plain jobs small">${jobs.map(jobItem)}
</ul>
</section>`;
}

function jobItem({ key, platform, state, attempts, nextAttemptAt }: JobLine): SafeHtml {
  const tried = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  const next = html`, the next at ${timeOf(nextAttemptAt, Date.now())} UTC`;
  return html`
<li>${stateBadge(state)} ${platform}, ${tried}${state === "waiting" && attempts > 0 ? next : null} <code class="cut" title="${key}">${key}</code></li>`;
}
