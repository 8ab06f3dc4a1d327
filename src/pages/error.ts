import { html } from "./html.ts";
import { page } from "./layout.ts";

/** What a browser sees when something did not work: what happened, and what to do. */
export function errorPage(title: string, sentence: string, advice: string): string {
  return page(
    title,
    html`
<p>${sentence}</p>
<p>${advice}</p>
<p><a href="/">Back to the start</a></p>`,
  );
}
