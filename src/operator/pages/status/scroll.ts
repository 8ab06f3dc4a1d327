import { html, type SafeHtml } from "@remix-run/html-template";

/** A table that scrolls by itself where it is too wide, by keyboard, too. */
export function scrolling(label: string, table: SafeHtml): SafeHtml {
  return html`
<div class="scroll" role="group" aria-label="${label}" tabindex="0">${table}</div>`;
}
