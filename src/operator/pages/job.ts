import { html, type SafeHtml } from "@remix-run/html-template";
import { capitalized } from "../../letter-case.ts";
import { keyOnOneLine, stateBadge } from "../../pages/job-marks.ts";
import { fromNow, timeOf } from "../../pages/times.ts";
import type { JobRecord } from "../../store/store.ts";
import { ALL_JOBS, listPath } from "../jobs-query.ts";
import { attemptsCard } from "./attempts.ts";
import { hiddenFields, type NoticeName, noticeRegion } from "./forms.ts";
import { databaseNotice, operatorPage, WHAT_A_JOB_IS } from "./operator.ts";

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
${WHAT_A_JOB_IS}
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
  const { key, state, attempts, acceptedAt, putBackAt, settledAt, outcome, lastError, server } = job;
  const rows: [string, SafeHtml | string | number | null][] = [
    ["State", stateBadge(state)],
    ["In hand at server", server],
    ["Outcome", outcome],
    // Of a job that is done, its attempts say what failed before.
    ["Last error", state === "done" ? null : lastError],
    ["Platform", platformTitle],
    [capitalized(tenant?.noun ?? ""), tenant && tenantLink(job, tenant, platformTitle)],
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

function tenantLink(
  { platform }: JobRecord,
  { account }: NonNullable<JobFacts["tenant"]>,
  platformTitle: string,
): SafeHtml {
  const jobs = listPath({ ...ALL_JOBS, platform, account });
  return html`${account} <a class="small" href="${jobs}">See its jobs</a> <span class="soft small">(${platformTitle}’s word for a company’s account)</span>`;
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
<div class="row asking">${state === "dead" ? retrying(fields) : null}${dropping(fields, DROPS[state])}
</div>`;
}

function retrying(fields: SafeHtml): SafeHtml {
  return html`
<details id="retry"><summary class="button">Retry…</summary>
<form method="post" action="/status/retry" data-live>${fields}
<p>The server tries it again at once and goes on after the last step that was done. Remove the cause first, or the job dies again.</p>
<button class="main">Yes, retry the job</button></form></details>`;
}

type Drop = { what: string; name: string; loss: string };

/** What is dropped with a job in this state, and what that means. */
const DROPS: Readonly<Record<"waiting" | "dead" | "done", Drop>> = {
  waiting: {
    what: "the job",
    name: "Drop…",
    loss: "The job is deleted for good. What it asks for is then not done. If it is delivered again, it is a new job.",
  },
  dead: {
    what: "the job",
    name: "Drop…",
    loss: "The job is deleted for good. Its attempts are deleted with it. If it is delivered again, it is a new job.",
  },
  done: {
    what: "the record",
    name: "Drop its record…",
    loss: "What the job did stays done. Its record, with its attempts, is deleted for good. If it is delivered again, it is done a second time.",
  },
};

function dropping(fields: SafeHtml, { what, name, loss }: Drop): SafeHtml {
  return html`
<details id="drop"><summary class="button">${name}</summary>
<form method="post" action="/status/drop">${fields}
<p>${loss}</p>
<button class="main">Yes, drop ${what}</button></form></details>`;
}
