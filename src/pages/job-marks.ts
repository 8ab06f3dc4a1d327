import { html, type SafeHtml } from "@remix-run/html-template";
import type { JobState } from "../store/store.ts";

/** The CSS class of each state. */
export const STATE_MOODS: Readonly<Record<JobState, string>> = {
  waiting: "hint",
  working: "cool",
  done: "good",
  dead: "bad",
};

/** Enough to tell two keys apart by their ends. */
const KEY_END = 13;

/** A job's key on one line. Where there is no room, the style sheet cuts out its middle; copying gives all of it. */
export function keyOnOneLine(key: string): SafeHtml {
  const [start, end] = [key.slice(0, -KEY_END), key.slice(-KEY_END)];
  return html`<code class="key" title="${key}"><span>${start}</span><span>${end}</span></code>`;
}

export function stateBadge(state: JobState): SafeHtml {
  return html`<span class="badge ${STATE_MOODS[state]}">${state}</span>`;
}
