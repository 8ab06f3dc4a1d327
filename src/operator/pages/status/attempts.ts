import { html, type SafeHtml } from "@remix-run/html-template";
import { lengthOf, timeOf } from "../../../pages/times.ts";
import type { JobRecord, PastAttempt } from "../../../store/store.ts";

/** The attempts that a job remembers, to be unfolded; nothing where the row says it all. */
export function attemptsOf({ key, history }: JobRecord, now: number): SafeHtml | null {
  const [only, another] = history;
  if (only === undefined || (another === undefined && only.end === "done")) return null;
  return html`
<details id="attempts-${encodeURIComponent(key.toWellFormed())}"><summary>${history.length === 1 ? "1 attempt" : `${history.length} attempts`}<span class="unseen"> at ${key}</span></summary>
<ol class="attempts">${history.map((attempt) => item(attempt, now))}
</ol></details>`;
}

function item({ startedAt, ms, says }: PastAttempt, now: number): SafeHtml {
  return html`
<li>${timeOf(startedAt, now)}, ${lengthOf(ms)}: ${says}</li>`;
}
