import { html, type SafeHtml } from "@remix-run/html-template";
import { formatDuration } from "../../durations.ts";
import { capitalized } from "../../letter-case.ts";
import { keyOnOneLine, stateBadge } from "../../pages/job-marks.ts";
import { fromNow, timeOf } from "../../pages/times.ts";
import {
  ATTEMPTS_KEPT,
  type AttemptCall,
  type AttemptCalls,
  type JobRecord,
  type PastAttempt,
} from "../../store/store.ts";
import { ALL_JOBS, listPath } from "../jobs-query.ts";
import { hiddenFields, type NoticeName, noticeRegion } from "./forms.ts";
import { databaseNotice, operatorPage } from "./operator.ts";

export type JobFacts = {
  /** In ms since 1970. */
  readonly now: number;
  /** Why the database cannot be written; null: it can be. */
  readonly database: string | null;
  readonly job: JobRecord;
  readonly platformTitle: string;
  /** Whose job it is; null: the platform has no tenants. */
  readonly tenant: { readonly noun: string; readonly account: string } | null;
  /** What happens next, as sentences. */
  readonly next: string;
  readonly notice: NoticeName | null;
  /** Proves that a form was sent from this page. */
  readonly csrf: string;
};

const REFRESH_MS = 5000;

/** Everything about one job but what it says: no payload and no progress. */
export function jobPage(facts: JobFacts): string {
  const { now, database, job, next, notice } = facts;
  const content = html`
${noticeRegion(notice)}
<p class="soft">As of ${timeOf(now, now)} UTC. This page updates itself. <a href="/status#inbox">See all jobs</a></p>
${databaseNotice(database)}
${factsCard(facts)}
<section class="card" aria-labelledby="next">
<h2 id="next">What happens next</h2>
<p>${next}</p>
${actions(facts)}
</section>
${attemptsCard(job, now)}`;
  return operatorPage("/status", {
    title: `Job ${job.key}`,
    heading: html`Job ${keyOnOneLine(job.key)}`,
    content,
    isWide: true,
    live: { refreshMs: REFRESH_MS },
  });
}

function factsCard({ job, now, platformTitle, tenant }: JobFacts): SafeHtml {
  const { key, state, attempts, acceptedAt, putBackAt, settledAt, outcome, lastError } = job;
  const rows: [string, SafeHtml | string | number | null][] = [
    ["State", stateBadge(state)],
    ["Outcome", outcome],
    // Of a job that is done, its attempts say what failed before.
    ["Last error", state === "done" ? null : lastError],
    ["Platform", platformTitle],
    [capitalized(tenant?.noun ?? ""), tenant && tenantLink(job, tenant)],
    ["Accepted", whenUtc(acceptedAt, now)],
    ["Put back", putBackAt === null ? null : whenUtc(putBackAt, now)],
    ["Settled", settledAt === null ? null : whenUtc(settledAt, now)],
    ["Attempts", attempts],
    ["Key", html`<code>${key}</code>`],
  ];
  return html`
<section class="card" aria-label="Facts">
<dl class="facts">${rows.map(([name, value]) =>
    value === null
      ? null
      : html`
<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}
</dl>
</section>`;
}

function tenantLink({ platform }: JobRecord, { account }: NonNullable<JobFacts["tenant"]>): SafeHtml {
  return html`${account} <a class="small" href="${listPath({ ...ALL_JOBS, platform, account })}">See its jobs</a>`;
}

function whenUtc(ms: number, now: number): SafeHtml {
  return html`${timeOf(ms, now)} UTC <span class="soft">${fromNow(ms, now)}</span>`;
}

/** Each asks first: what is folded out says what the button does. */
function actions({ job: { key, state }, csrf }: JobFacts): SafeHtml | null {
  if (state === "working") return null;
  const fields = hiddenFields([
    ["csrf", csrf],
    ["key", key],
    ["page", "job"],
  ]);
  return html`
<div class="row asking">${state === "dead" ? retrying(fields) : null}${dropping(fields, LOSSES[state])}
</div>`;
}

function retrying(fields: SafeHtml): SafeHtml {
  return html`
<details id="retry"><summary class="button">Retry…</summary>
<form method="post" action="/status/retry" data-live>${fields}
<p>The server tries it again at once and goes on after the last step that was done. Remove the cause first, or the job dies again.</p>
<button class="main">Yes, retry the job</button></form></details>`;
}

/** What it means to drop a job in this state. */
const LOSSES = {
  waiting: "What it asks for is then not done. If it is delivered again, it is a new job.",
  dead: "Its attempts are deleted with it. If it is delivered again, it is a new job.",
  done: "Its attempts are deleted with it. If it is delivered again, it is done a second time.",
} as const;

function dropping(fields: SafeHtml, loss: string): SafeHtml {
  return html`
<details id="drop"><summary class="button">Drop…</summary>
<form method="post" action="/status/drop">${fields}
<p>The job is deleted for good. ${loss}</p>
<button class="main">Yes, drop the job</button></form></details>`;
}

/** The newest first. */
function attemptsCard({ attempts, history, state }: JobRecord, now: number): SafeHtml {
  return html`
<section class="card" aria-labelledby="attempts">
<h2 id="attempts">Attempts</h2>
${history.length === 0 ? html`<p class="soft">${state === "working" ? "The first one is not over yet." : "None has ended yet."}</p>` : null}
<ol class="past">${history.toReversed().map((attempt) => pastAttempt(attempt, now))}
</ol>
${attempts > history.length + Number(state === "working") && history.length > 0 ? missing() : null}
</section>`;
}

function missing(): SafeHtml {
  return html`
<p class="soft small">Not all are listed: the last ${ATTEMPTS_KEPT} are kept, without those during which the server was stopped or killed.</p>`;
}

const ENDS = {
  done: html`<span class="badge good">done</span>`,
  waiting: html`<span class="badge hint">failed</span>`,
  dead: html`<span class="badge bad">gave up</span>`,
} as const;

function pastAttempt({ startedAt, ms, end, says, calls }: PastAttempt, now: number): SafeHtml {
  return html`
<li>
<h3>${ENDS[end]} ${timeOf(startedAt, now)} UTC <span class="soft">took ${formatDuration(ms)}</span></h3>
<p>${says}</p>
${callsOf(calls)}
</li>`;
}

function callsOf({ last, before }: AttemptCalls): SafeHtml {
  if (last.length === 0) return html`<p class="soft small">No call is on record.</p>`;
  return html`${before > 0 ? html`<p class="soft small">${before === 1 ? "One call" : `${before} calls`} before these are not kept.</p>` : null}
<table class="calls"><colgroup><col><col class="answer"><col class="took"></colgroup><thead class="unseen"><tr><th scope="col">Call</th><th scope="col">Answer</th><th scope="col">Took</th></tr></thead>
<tbody>${last.map(
    (call) => html`
<tr><th scope="row"><code>${call.name}</code></th><td>${answerTo(call)}</td><td class="number">${formatDuration(call.ms)}</td></tr>`,
  )}
</tbody></table>`;
}

function answerTo({ status }: AttemptCall): SafeHtml {
  if (status === null) return html`<span class="badge bad">no answer</span>`;
  const isGood = status >= 200 && status <= 299;
  return html`<span class="badge ${isGood ? "good" : "bad"}">${status}</span>`;
}
