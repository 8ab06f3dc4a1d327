import { html } from "@remix-run/html-template";
import type { Hint } from "../../errors.ts";
import { page } from "../../pages/layout.ts";

export type ErrorFacts = {
  title: string;
  /** What happened. */
  sentence: string;
  hint: Hint;
};

/** What a browser sees when something did not work: what happened, and a way on. */
export function errorPage({ title, sentence, hint }: ErrorFacts): string {
  const content = html`
<p class="notice bad">${sentence}</p>
<p>${hint.advice}</p>
<p class="row"><a class="button main" href="${hint.path}">${hint.link}</a></p>`;
  return page({ title, content });
}
