import { html, type SafeHtml } from "@remix-run/html-template";
import type { JobState } from "../../../store/store.ts";
import type { JobLine, View } from "../view.ts";

const STATES: readonly JobState[] = ["waiting", "working", "done", "dead"];
const MOODS: Readonly<Record<JobState, string>> = {
  waiting: "hint",
  working: "cool",
  done: "good",
  dead: "bad",
};

/** What the server has promised to do, as it stands on disk. */
export function inboxCard({ inbox: { counts, jobs } }: View): SafeHtml {
  return html`
<section class="card" aria-labelledby="inbox">
<h2 id="inbox">On disk: the inbox</h2>
<p class="soft small">A webhook is answered 200 only once its job stands here.</p>
<dl class="counts">${STATES.map((state) => {
    return html`
<div><dt>${state}</dt><dd class="${counts[state] > 0 ? MOODS[state] : "none"}" id="count-${state}">${counts[state]}</dd></div>`;
  })}
</dl>
<ul class="plain jobs small">${jobs.map(jobItem)}
</ul>
</section>`;
}

function jobItem({ key, platform, state, attempts, nextAttemptAt }: JobLine): SafeHtml {
  const tried = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  const next = `, the next at ${new Date(nextAttemptAt).toISOString().slice(11, 19)} UTC`;
  return html`
<li><span class="badge ${MOODS[state]}">${state}</span> ${platform}, ${tried}${state === "waiting" && attempts > 0 ? next : null} <code class="cut" title="${key}">${key}</code></li>`;
}
