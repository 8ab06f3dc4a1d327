import { html, type SafeHtml } from "@remix-run/html-template";
import type { Control } from "./path.ts";

/** The id of the sentence that says what to do next. */
export const TO_DO = "to-do";

/** The attributes of a control that a step may name. The one that is next is marked, and described by the step's words. */
export function controlAttributes(control: Control, next: Control | null, classes: string): SafeHtml {
  const isNext = control === next;
  const described = isNext ? html` aria-describedby="${TO_DO}"` : null;
  return html` id="do-${control}" class="${classes}${isNext ? " is-next" : ""}"${described}`;
}

/** Leads to a control, by mouse and by keyboard. */
export function linkTo(control: Control, name: string): SafeHtml {
  return html`<a href="#do-${control}">${name}</a>`;
}
