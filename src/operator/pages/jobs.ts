import { html, type SafeHtml } from "@remix-run/html-template";
import { formatDuration } from "../../durations.ts";
import { keyOnOneLine, stateBadge } from "../../pages/job-marks.ts";
import { timeOf } from "../../pages/times.ts";
import { JOB_STATES, type JobRecord, type JobState, type PastAttempt } from "../../store/store.ts";
import { scrolling } from "./operator.ts";

export type JobsFacts = {
  /** Only jobs in this state are shown; null: all. */
  state: JobState | null;
  counts: Readonly<Record<JobState, number>>;
  /** The latest jobs, the newest first. */
  shown: readonly ShownJob[];
  notice: NoticeName | null;
  /** Proves that a form was sent from this page. */
  csrf: string;
};

/** The number of jobs in each state, and the latest jobs. */
export function jobsCard({ state, counts, shown, notice, csrf }: JobsFacts, now: number): SafeHtml {
  const form = { csrf, state };
  return html`
<section id="inbox" class="card" aria-labelledby="jobs">
<h2 id="jobs">Inbox</h2>
${noticeRegion(notice)}
<nav class="row pills" aria-label="Jobs by state">${filter("all", sum(counts), state === null)}
${JOB_STATES.map((name) => filter(name, counts[name], state === name))}
</nav>
${shown.length === 0 ? html`<p class="soft">${emptyWords(state)}</p>` : jobTable(shown, form, now)}
${counts.dead > 0 ? retryAllForm(counts.dead, form) : null}
</section>`;
}

function filter(name: JobState | "all", count: number, isHere: boolean): SafeHtml {
  const path = name === "all" ? "/status" : `/status?state=${name}`;
  const isAlarming = name === "dead" && count > 0;
  return html`
<a href="${path}#inbox"${isHere ? html` aria-current="true"` : null}>${name} <span class="badge${isAlarming ? " bad" : null}">${count}</span></a>`;
}

function sum(counts: JobsFacts["counts"]): number {
  return JOB_STATES.reduce((total, name) => total + counts[name], 0);
}

function emptyWords(state: JobState | null): string {
  return state === null ? "There are no jobs yet." : `No job is ${state}.`;
}

const NOTICES = {
  retried: { kind: "good", words: "The job was put back and will be tried again." },
  "all-retried": { kind: "good", words: "All dead jobs were put back and will be tried again." },
  "not-dead": {
    kind: "hint",
    words: "That job is no longer dead: it was already put back, or was deleted after 7 days.",
  },
  "none-dead": { kind: "hint", words: "No job is dead any more." },
} as const;

/** The result of a retry. The words are here, so that nothing from the address gets onto the page. */
export type NoticeName = keyof typeof NOTICES;

export function isNotice(name: unknown): name is NoticeName {
  return typeof name === "string" && Object.hasOwn(NOTICES, name);
}

/** The element exists without a notice too; otherwise a screen reader would miss the next one. */
function noticeRegion(name: NoticeName | null): SafeHtml {
  return html`<div id="notice" role="status">${name && notice(name)}</div>`;
}

function notice(name: NoticeName): SafeHtml {
  const { kind, words } = NOTICES[name];
  return html`<p class="notice ${kind}">${words}</p>`;
}

type ShownJob = JobRecord & {
  readonly platformTitle: string;
  /** null: it does not wait. */
  readonly waitsFor: string | null;
};

/** Jobs, one row each; dead ones have a button to retry them. */
function jobTable(jobs: readonly ShownJob[], form: FormFacts, now: number): SafeHtml {
  const caption = `The latest ${jobs.length} ${form.state ?? ""} ${jobs.length === 1 ? "job" : "jobs"}, newest first`;
  return scrolling(
    "Jobs",
    html`<table class="jobs">
<caption class="unseen">${caption}</caption>
<thead><tr><th scope="col">State</th><th scope="col">Outcome</th><th scope="col">Job</th><th scope="col">Platform</th><th scope="col" class="number">Attempts</th><th scope="col">Accepted (UTC)</th><th scope="col">Settled (UTC)</th></tr></thead>
<tbody>${jobs.map((job) => row(job, form, now))}
</tbody></table>`,
  );
}

/** The id identifies the row when the page is updated, even if it has moved. */
function row(job: ShownJob, form: FormFacts, now: number): SafeHtml {
  const { key, platformTitle, state, attempts, acceptedAt, settledAt } = job;
  return html`
<tr id="job-${encodeURIComponent(key.toWellFormed())}">
<td>${stateBadge(state)}${state === "dead" ? retryForm(key, form) : null}</td>
<td class="words">${job.outcome ?? job.lastError}${waiting(job)}${attemptsOf(job, now)}</td>
<th scope="row">${keyOnOneLine(key)}</th>
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

function capitalized(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

/** The recorded attempts of a job, folded; null if the row already says everything. */
function attemptsOf({ key, history }: JobRecord, now: number): SafeHtml | null {
  const [only, another] = history;
  if (only === undefined || (another === undefined && only.end === "done")) return null;
  return html`
<details id="attempts-${encodeURIComponent(key.toWellFormed())}"><summary>${history.length === 1 ? "1 attempt" : `${history.length} attempts`}<span class="unseen"> at ${key}</span></summary>
<ol class="attempts">${history.map((attempt) => item(attempt, now))}
</ol></details>`;
}

function item({ startedAt, ms, says }: PastAttempt, now: number): SafeHtml {
  return html`
<li>${timeOf(startedAt, now)}, ${formatDuration(ms)}: ${says}</li>`;
}

/** What every form of the page sends. */
type FormFacts = { csrf: string; state: JobState | null };

/** The button that puts one dead job back. */
function retryForm(key: string, facts: FormFacts): SafeHtml {
  return form(
    facts,
    html`<input type="hidden" name="key" value="${key}">
<button class="slim">Retry <span class="unseen">${key}</span></button>`,
  );
}

/** The button that puts all dead jobs back. */
function retryAllForm(count: number, facts: FormFacts): SafeHtml {
  return form(
    facts,
    html`<input type="hidden" name="all" value="dead">
<button>${count === 1 ? "Retry the dead job" : `Retry all ${count} dead jobs`}</button>`,
  );
}

/** `state` selects the list to which the browser returns. */
function form({ csrf, state }: FormFacts, fields: SafeHtml): SafeHtml {
  return html`
<form method="post" action="/status/retry" data-live><input type="hidden" name="csrf" value="${csrf}">${state && html`<input type="hidden" name="state" value="${state}">`}
${fields}</form>`;
}
