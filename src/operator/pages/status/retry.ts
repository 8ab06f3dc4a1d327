import { html, type SafeHtml } from "@remix-run/html-template";
import type { JobState } from "../../../store/store.ts";

/** What every form of the page sends along. */
export type FormFacts = { csrf: string; state: JobState | null };

/** Puts one dead job back. */
export function retryForm(key: string, facts: FormFacts): SafeHtml {
  return form(
    facts,
    html`<input type="hidden" name="key" value="${key}">
<button class="slim">Retry <span class="unseen">${key}</span></button>`,
  );
}

/** Puts all dead jobs back. */
export function retryAllForm(count: number, facts: FormFacts): SafeHtml {
  return form(
    facts,
    html`<input type="hidden" name="all" value="dead">
<button>${count === 1 ? "Retry the dead job" : `Retry all ${count} dead jobs`}</button>`,
  );
}

/** The state is that of the list to which the browser comes back. */
function form({ csrf, state }: FormFacts, fields: SafeHtml): SafeHtml {
  return html`
<form method="post" action="/status/retry" data-live><input type="hidden" name="csrf" value="${csrf}">${state && html`<input type="hidden" name="state" value="${state}">`}
${fields}</form>`;
}
