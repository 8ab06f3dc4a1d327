import { html, type SafeHtml } from "@remix-run/html-template";
import type { PlatformName } from "../platforms/platform.ts";
import type { JobState } from "../store/store.ts";

/** What people call the platforms. */
export const PLATFORM_TITLES = { chatio: "chat.io", webex: "Webex" } as const satisfies Record<
  PlatformName,
  string
>;

/** How a state looks: names of classes of the style. */
export const STATE_MOODS: Readonly<Record<JobState, string>> = {
  waiting: "hint",
  working: "cool",
  done: "good",
  dead: "bad",
};

export function stateBadge(state: JobState): SafeHtml {
  return html`<span class="badge ${STATE_MOODS[state]}">${state}</span>`;
}
