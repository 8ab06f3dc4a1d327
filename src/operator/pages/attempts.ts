import { html, type SafeHtml } from "@remix-run/html-template";
import { formatDuration } from "../../durations.ts";
import { timeOf } from "../../pages/times.ts";
import {
  ATTEMPTS_KEPT,
  type AttemptCall,
  type AttemptCalls,
  type JobRecord,
  type PastAttempt,
} from "../../store/store.ts";

/** The attempts at a job, the newest first; `now` in ms since 1970. */
export function attemptsCard({ attempts, history, state }: JobRecord, now: number): SafeHtml {
  return html`
<section class="card" aria-labelledby="attempts">
<h2 id="attempts">Attempts</h2>
${history.length === 0 ? html`<p class="soft">${state === "working" ? "The first one is not over yet." : "None has ended yet."}</p>` : null}
<ol class="past">${runsIn(history.toReversed()).map((run) => pastAttempts(run, now))}
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

/** Attempts in a row that ended alike, the newest first. */
type Run = readonly [PastAttempt, ...PastAttempt[]];

/** Joins neighbours that ended alike, since dozens of equal sentences hide the one that differs. */
function runsIn(attempts: readonly PastAttempt[]): Run[] {
  const runs: [PastAttempt, ...PastAttempt[]][] = [];
  for (const attempt of attempts) {
    const last = runs.at(-1);
    if (last && isLike(last[0], attempt)) last.push(attempt);
    else runs.push([attempt]);
  }
  return runs;
}

function isLike(one: PastAttempt, other: PastAttempt): boolean {
  return one.end === other.end && withoutIds(one.says) === withoutIds(other.says);
}

/** Platforms give each call an id. Words and numbers of calls are shorter, or contain no digit. */
function withoutIds(says: string): string {
  return says.replaceAll(/(?=[\w-]*\d)[\w-]{16,}/g, "…");
}

function pastAttempts(run: Run, now: number): SafeHtml {
  const [newest] = run;
  const oldest = run.at(-1) ?? newest;
  const sayTheSame = run.every(({ says }) => says === newest.says);
  if (oldest === newest) return onlyAttempt(newest, now);
  // The oldest stays the same while more follow, and with it what somebody has opened.
  return html`
<li>
<h3>${ENDS[newest.end]} ${run.length} times, <span class="soft">from ${timeOf(oldest.startedAt, now)} to ${timeOf(newest.startedAt, now)} UTC</span></h3>
<p>${newest.says}</p>
<details id="attempts-${oldest.startedAt}"><summary>Show each</summary>
<ol class="past">${run.map(
    (attempt) => html`
<li><p>${whenAndHowLong(attempt, now)}</p>${sayTheSame ? null : html`<p>${attempt.says}</p>`}
${callsOf(attempt.calls)}
</li>`,
  )}
</ol></details>
</li>`;
}

function onlyAttempt(attempt: PastAttempt, now: number): SafeHtml {
  return html`
<li>
<h3>${ENDS[attempt.end]} ${whenAndHowLong(attempt, now)}</h3>
<p>${attempt.says}</p>
${callsOf(attempt.calls)}
</li>`;
}

function whenAndHowLong({ startedAt, ms }: PastAttempt, now: number): SafeHtml {
  return html`${timeOf(startedAt, now)} UTC <span class="soft">took ${formatDuration(ms)}</span>`;
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
