import { html, type SafeHtml } from "@remix-run/html-template";
import { formatDuration } from "../../durations.ts";
import type { PlatformName } from "../../job.ts";
import { capitalized } from "../../letter-case.ts";
import { keyOnOneLine, stateBadge } from "../../pages/job-marks.ts";
import { timeOf } from "../../pages/times.ts";
import { JOB_STATES, type JobRecord, type JobState, type PastAttempt } from "../../store/store.ts";
import type { JobsPage } from "../job-list.ts";
import { fieldsOf, firstPageOf, type JobsQuery, jobPath, listPath } from "../jobs-query.ts";
import { filterForm } from "./filter.ts";
import { hiddenFields, type NoticeName, noticeRegion } from "./forms.ts";
import { scrolling, WHAT_A_JOB_IS } from "./operator.ts";

export type JobsFacts = Pick<JobsPage, "newer" | "older"> & {
  readonly query: JobsQuery;
  /** Of all jobs. */
  readonly counts: Readonly<Record<JobState, number>>;
  /** Of the platform that the query names; null: not counted. */
  readonly countsShown: Readonly<Record<JobState, number>> | null;
  /** A page of the jobs that the query asks for. */
  readonly shown: readonly ShownJob[];
  readonly platforms: readonly { readonly name: PlatformName; readonly title: string }[];
  /** What the platforms call their accounts: "organization or license". */
  readonly tenants: string;
  readonly notice: NoticeName | null;
  /** Proves that a form was sent from this page. */
  readonly csrf: string;
};

/** The number of jobs in each state, and a page of the list. */
export function jobsCard(facts: JobsFacts, now: number): SafeHtml {
  const { query, counts, countsShown, shown, notice } = facts;
  const isFiltered = query.platform !== null || query.account !== null;
  return html`
<section id="inbox" class="card" aria-labelledby="jobs">
<h2 id="jobs">Inbox</h2>
${WHAT_A_JOB_IS}
${noticeRegion(notice)}
<nav class="row pills" aria-label="Jobs by state">${pill(null, facts)}
${JOB_STATES.map((name) => pill(name, facts))}
</nav>
${filterForm(facts)}
${shown.length === 0 ? html`<p class="soft">${emptyWords(query, countsShown)}</p>` : jobTable(facts, now)}
${pager(facts)}
${counts.dead > 0 && !isFiltered ? retryAllForm(counts.dead, facts) : null}
</section>`;
}

function pill(state: JobState | null, { query, countsShown: counts }: JobsFacts): SafeHtml {
  const isHere = query.state === state;
  return html`
<a href="${listPath({ ...firstPageOf(query), state })}"${isHere ? html` aria-current="true"` : null}>${state ?? "all"}${counts && countBadge(state, counts)}</a>`;
}

function countBadge(state: JobState | null, counts: Readonly<Record<JobState, number>>): SafeHtml {
  const count = state === null ? sum(counts) : counts[state];
  const isAlarming = state === "dead" && count > 0;
  return html` <span class="badge${isAlarming ? " bad" : null}">${count}</span>`;
}

function sum(counts: Readonly<Record<JobState, number>>): number {
  return JOB_STATES.reduce((total, name) => total + counts[name], 0);
}

function emptyWords(
  { state, platform, account, older }: JobsQuery,
  counts: JobsFacts["countsShown"],
): string {
  if (older !== null) return "There are no older jobs.";
  if (platform !== null || account !== null) return "No job fits. Settled jobs are deleted after 7 days.";
  if (state !== null) return `No job is ${state}.`;
  return counts !== null && sum(counts) > 0 ? "There are no jobs here." : "There are no jobs yet.";
}

/** Links to the pages beside this one. */
function pager({ query, newer, older }: JobsFacts): SafeHtml | null {
  if (newer === null && older === null) return null;
  return html`
<nav class="row pager" aria-label="Pages of the list">${
    newer &&
    html`
<a class="button" href="${listPath(firstPageOf(query))}">Newest</a>
<a class="button" rel="prev" href="${listPath(newer)}">Newer</a>`
  }${
    older &&
    html`
<a class="button" rel="next" href="${listPath(older)}">Older</a>`
  }
</nav>`;
}

export type ShownJob = JobRecord & {
  readonly platformTitle: string;
  /** null: it does not wait. */
  readonly waitsFor: string | null;
};

/** Jobs, one row each; dead ones have a button to retry them. */
function jobTable(facts: JobsFacts, now: number): SafeHtml {
  const { shown, query } = facts;
  const jobs = `${shown.length} ${query.state ?? ""} ${shown.length === 1 ? "job" : "jobs"}`;
  const caption = query.older === null && query.newer === null ? `The latest ${jobs}` : jobs;
  return scrolling(
    "Jobs",
    html`<table class="jobs">
<caption class="unseen">${caption}, newest first</caption>
<thead><tr><th scope="col">State</th><th scope="col">Outcome</th><th scope="col">Job</th><th scope="col">Platform</th><th scope="col" class="number">Attempts</th><th scope="col">Accepted (UTC)</th><th scope="col">Settled (UTC)</th></tr></thead>
<tbody>${shown.map((job) => row(job, facts, now))}
</tbody></table>`,
  );
}

/** The id identifies the row when the page is updated, even if it has moved. */
function row(job: ShownJob, facts: JobsFacts, now: number): SafeHtml {
  const { key, platformTitle, state, attempts, acceptedAt, settledAt } = job;
  return html`
<tr id="job-${encodeURIComponent(key.toWellFormed())}">
<td>${stateBadge(state)}${state === "dead" ? retryForm(key, facts) : null}</td>
<td class="words">${job.outcome ?? job.lastError}${waiting(job)}${attemptsOf(job, now)}</td>
<th scope="row"><a class="to-job" href="${jobPath(key)}">${keyOnOneLine(key)}</a></th>
<td data-label="Platform">${platformTitle}</td>
<td data-label="Attempts" class="number">${attempts}</td>
<td data-label="Accepted">${timeOf(acceptedAt, now)}</td>
<td data-label="Settled">${settledAt === null ? null : timeOf(settledAt, now)}</td>
</tr>`;
}

function waiting({ waitsFor }: ShownJob): SafeHtml | null {
  if (waitsFor === null) return null;
  return html` <span class="soft">${waitsFor.replace(/^[a-z]+(?= )/, capitalized)}.</span>`;
}

/** The recorded attempts of a job, folded; null if the row already says everything. */
function attemptsOf(job: JobRecord, now: number): SafeHtml | null {
  const { key, history } = job;
  const [only, another] = history;
  if (only === undefined || (another === undefined && only.end === "done")) return null;
  return html`
<details id="attempts-${encodeURIComponent(key.toWellFormed())}"><summary>${howMany(job)}<span class="unseen"> at ${key}</span></summary>
<ol class="attempts">${history.map((attempt) => item(attempt, now))}
</ol></details>`;
}

/** The number that its column has, unless not all are on record. */
function howMany({ attempts, history, state }: JobRecord): string {
  const ended = Math.max(state === "working" ? attempts - 1 : attempts, history.length);
  if (history.length < ended) return `The last ${history.length} of ${ended} attempts`;
  return ended === 1 ? "1 attempt" : `${ended} attempts`;
}

function item({ startedAt, ms, says }: PastAttempt, now: number): SafeHtml {
  return html`
<li>${timeOf(startedAt, now)}, ${formatDuration(ms)}: ${says}</li>`;
}

/** The button that puts one dead job back. */
function retryForm(key: string, facts: JobsFacts): SafeHtml {
  return form(
    facts,
    html`<input type="hidden" name="key" value="${key}">
<button class="slim">Retry <span class="unseen">${key}</span></button>`,
  );
}

/** The button that puts all dead jobs back. */
function retryAllForm(count: number, facts: JobsFacts): SafeHtml {
  return form(
    facts,
    html`<input type="hidden" name="all" value="dead">
<button>${count === 1 ? "Retry the dead job" : `Retry all ${count} dead jobs`}</button>`,
  );
}

/** The browser returns to the same page of the list. */
function form({ csrf, query }: JobsFacts, fields: SafeHtml): SafeHtml {
  return html`
<form method="post" action="/status/retry" data-live>${hiddenFields([["csrf", csrf], ...fieldsOf(query)])}
${fields}</form>`;
}
