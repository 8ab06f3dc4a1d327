import { html, type SafeHtml } from "@remix-run/html-template";
import type { JobRecord } from "../../store/store.ts";
import { PLATFORM_TITLES, stateBadge } from "../job-marks.ts";
import { fromNow, timeOf } from "../times.ts";
import { type FormFacts, retryForm } from "./retry.ts";
import { scrolling } from "./scroll.ts";

/** Jobs, a row each; the dead ones with a way back. */
export function jobTable(jobs: readonly JobRecord[], form: FormFacts, now: number): SafeHtml {
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
function row(job: JobRecord, form: FormFacts, now: number): SafeHtml {
  const { key, platform, state, attempts, acceptedAt, settledAt } = job;
  return html`
<tr id="job-${encodeURIComponent(key.toWellFormed())}">
<td>${stateBadge(state)}${state === "dead" ? retryForm(key, form) : null}</td>
<td>${PLATFORM_TITLES[platform]}</td>
<th scope="row"><code>${key}</code></th>
<td class="words">${job.outcome ?? job.lastError}${nextTry(job, now)}</td>
<td class="number">${attempts}</td>
<td>${timeOf(acceptedAt, now)}</td>
<td>${settledAt === null ? null : timeOf(settledAt, now)}</td>
</tr>`;
}

function nextTry({ state, nextAttemptAt }: JobRecord, now: number): SafeHtml | null {
  if (state !== "waiting" || nextAttemptAt <= now) return null;
  return html` <span class="soft">Next try ${fromNow(nextAttemptAt, now)}.</span>`;
}
