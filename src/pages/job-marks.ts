import { html, type SafeHtml } from "@remix-run/html-template";
import type { JobState } from "../store/store.ts";

/** The CSS class of each state. */
export const STATE_MOODS: Readonly<Record<JobState, string>> = {
  waiting: "hint",
  working: "cool",
  done: "good",
  dead: "bad",
};

export function stateBadge(state: JobState): SafeHtml {
  return html`<span class="badge ${STATE_MOODS[state]}">${state}</span>`;
}
