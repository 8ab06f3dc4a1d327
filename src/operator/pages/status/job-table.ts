import { html, type SafeHtml } from "@remix-run/html-template";
import { stateBadge } from "../../../pages/job-marks.ts";
import { timeOf } from "../../../pages/times.ts";
import type { JobRecord } from "../../../store/store.ts";
import { attemptsOf } from "./attempts.ts";
import { type FormFacts, retryForm } from "./retry.ts";
import { scrolling } from "./scroll.ts";

export type ShownJob = JobRecord & {
  readonly platformTitle: string;
  /** null when it does not wait. */
  readonly waitsFor: string | null;
};

/** Jobs, a row each; the dead ones with a way back. */
export function jobTable(jobs: readonly ShownJob[], form: FormFacts, now: number): SafeHtml {
  const caption = `The last ${jobs.length} ${form.state ?? ""} ${jobs.length === 1 ? "job" : "jobs"}, the newest first`;
  return scrolling(
    "Jobs",
    html`<table class="jobs">
<caption class="unseen">${caption}</caption>
<thead><tr><th scope="col">State</th><th scope="col">Platform</th><th scope="col">Job</th><th scope="col">What came of it</th><th scope="col" class="number">Attempts</th><th scope="col">Accepted (UTC)</th><th scope="col">Settled (UTC)</th></tr></thead>
<tbody>${jobs.map((job) => row(job, form, now))}
</tbody></table>`,
  );
}

/** By its id a row is known again when the page is brought up to date, though it stands elsewhere by then. */
function row(job: ShownJob, form: FormFacts, now: number): SafeHtml {
  const { key, platformTitle, state, attempts, acceptedAt, settledAt } = job;
  return html`
<tr id="job-${encodeURIComponent(key.toWellFormed())}">
<td>${stateBadge(state)}${state === "dead" ? retryForm(key, form) : null}</td>
<td>${platformTitle}</td>
<th scope="row"><code>${key}</code></th>
<td class="words">${job.outcome ?? job.lastError}${waiting(job)}${attemptsOf(job, now)}</td>
<td class="number">${attempts}</td>
<td>${timeOf(acceptedAt, now)}</td>
<td>${settledAt === null ? null : timeOf(settledAt, now)}</td>
</tr>`;
}

function waiting({ waitsFor }: ShownJob): SafeHtml | null {
  if (waitsFor === null) return null;
  return html` <span class="soft">${waitsFor.replace(/^[a-z]+(?= )/, capitalized)}.</span>`;
}

function capitalized(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
