import { html, type SafeHtml } from "@remix-run/html-template";
import { JOB_STATES, type JobState } from "../../../store/store.ts";
import { jobTable, type ShownJob } from "./job-table.ts";
import { type NoticeName, noticePlace } from "./notices.ts";
import { retryAllForm } from "./retry.ts";

export type JobsFacts = {
  /** Whose jobs are shown; null: all. */
  state: JobState | null;
  counts: Readonly<Record<JobState, number>>;
  /** The last ones, the newest first. */
  shown: readonly ShownJob[];
  notice: NoticeName | null;
  /** Proves that a form was sent from this page. */
  csrf: string;
};

/** How many jobs there are in each state, and the last of them. */
export function jobsCard({ state, counts, shown, notice, csrf }: JobsFacts, now: number): SafeHtml {
  const form = { csrf, state };
  return html`
<section id="inbox" class="card" aria-labelledby="jobs">
<h2 id="jobs">Inbox</h2>
${noticePlace(notice)}
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
