import { html, type SafeHtml } from "@remix-run/html-template";
import { z } from "zod";
import { keyOnOneLine, STATE_MOODS, stateBadge } from "../../pages/job-marks.ts";
import { countdown } from "../../pages/times.ts";
import { JOB_STATES } from "../../store/store.ts";
import { controlAttributes } from "./controls.ts";
import type { Control } from "./path.ts";
import { type JobLine, overallState, type View, type WireRow } from "./view.ts";

const JOBS_SHOWN = 4;

/** The inbox: what the server has promised to do, as it is on disk. */
export function inboxCard(
  { inbox: { counts, jobs }, servers }: View,
  next: Control | null,
  now: number,
): SafeHtml {
  const isUp = overallState(servers) === "running";
  const whatItNeeds = isUp ? null : servers.length > 1 ? "a server" : "the server";
  const place = servers.length > 1 ? "PostgreSQL" : "on disk";
  return html`
<section${controlAttributes("inbox", next, "card pane")} tabindex="-1" aria-labelledby="inbox">
<header><h2 id="inbox">The inbox</h2><span class="badge">${place}</span></header>
<p class="soft small">Each accepted webhook becomes a job here before it is answered 200.</p>
<div class="kept">
<dl class="counts">${JOB_STATES.map((state) => {
    return html`
<div><dt>${state}</dt><dd class="${counts[state] > 0 ? STATE_MOODS[state] : "none"}" id="count-${state}">${counts[state]}</dd></div>`;
  })}
</dl>
${jobs.length === 0 ? NO_JOBS : null}${jobs.length > JOBS_SHOWN ? LATEST : null}
<ul class="plain jobs small">${jobs.slice(0, JOBS_SHOWN).map((job) => jobItem(job, whatItNeeds, now))}
</ul>
</div>
</section>`;
}

const NO_JOBS = html`
<p class="soft small">Nothing yet. With a webhook a platform tells the server something; a job is what the server then has to do.</p>`;

const LATEST = html`
<p class="soft small">The latest ${JOBS_SHOWN}:</p>`;

function jobItem(job: JobLine, whatItNeeds: string | null, now: number): SafeHtml {
  const { key, title, state, attempts } = job;
  const tried = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  const next = state === "waiting" && attempts > 0 ? html`, ${nextTry(job, whatItNeeds, now)}` : null;
  return html`
<li>${stateBadge(state)} ${title}, ${tried}${next}${inHand(job)} ${keyOnOneLine(key)}</li>`;
}

function inHand({ holder }: JobLine): SafeHtml | null {
  if (holder === null) return null;
  const says = holder.isDown ? "had it and was killed" : "has it in hand";
  return html`: <strong>server\u00a0${holder.number}</strong> ${says}`;
}

function nextTry({ nextAttemptAt }: JobLine, whatItNeeds: string | null, now: number): SafeHtml {
  if (whatItNeeds !== null) return html`the next once ${whatItNeeds} runs`;
  return html`the next ${countdown(nextAttemptAt, now)}`;
}

/** The wire: each webhook and each call, newest first. */
export function wireCard({ exchanges }: View): SafeHtml {
  return html`
<section class="card wire" aria-labelledby="wire">
<h2 id="wire">On the wire</h2>
<p class="soft small">As it happens: every webhook, with which a platform tells the server something, and every call of the server to a platform. Open one to see what was in it.</p>
${exchanges.length === 0 ? html`<p class="soft small">Nothing yet.</p>` : null}
<div class="exchanges" role="group" aria-labelledby="wire" tabindex="0">${exchanges.map(exchangeItem)}
</div>
</section>`;
}

function exchangeItem(row: WireRow): SafeHtml {
  const { rowId, times, at, platform, kind, method, path, request, response } = row;
  const way = kind === "webhook" ? `${platform} → server` : `server → ${platform}`;
  return html`
<details id="exchange-${rowId}" class="exchange ${kind}">
<summary><span class="way">${way}${times > 1 ? html` <span class="badge">${times} times</span>` : null}</span><span class="took">${outcome(row)}</span><code class="cut">${method} ${path}</code></summary>
<p class="soft small">${times > 1 ? "The latest: " : null}${new Date(at).toISOString().slice(11, 23)} UTC</p>
<p><code>${method} ${path}</code></p>
${body("Sent", request)}
${body("Answered", response)}
</details>`;
}

function outcome(row: WireRow): SafeHtml {
  const { status, ms } = row;
  if (ms === null) return html`<span class="badge">under way</span>`;
  const verdict = verdictOf(row);
  const mood = status === null || status >= 400 ? "bad" : "good";
  return html`<span class="badge ${mood}">${status ?? "no answer"}</span>${verdict === null ? null : html` <span class="soft">${verdict}</span>`} <span class="ms">${ms < 1 ? "< 1" : Math.round(ms)} ms</span>`;
}

const webhookAnswer = z.object({ status: z.enum(["accepted", "duplicate", "ignored"]) });

/** What became of a webhook, in the word with which the server answered it; null: it said none. */
export function verdictOf({ kind, response }: WireRow): string | null {
  const read = webhookAnswer.safeParse(response);
  return kind === "webhook" && read.success ? read.data.status : null;
}

function body(name: string, value: unknown): SafeHtml | null {
  if (value === undefined) return null;
  return html`<h3>${name}</h3>
<pre tabindex="0" aria-label="${name}">${JSON.stringify(value, null, 2)}</pre>`;
}
