import { html, type SafeHtml } from "@remix-run/html-template";
import { hindranceOf, situationOf } from "./path.ts";
import { nothingLost, repairing, sayingOf } from "./sayings.ts";
import { isOver, NO_TRIAL } from "./trial.ts";
import { failureOf } from "./troubles.ts";
import type { View } from "./view.ts";

/** The last words, and how to end what is still off. `now`: ms since 1970. */
export function ending(view: View, now: number): SafeHtml {
  const { platforms, platform, trials } = view;
  const isProven = ({ name }: { name: string }) => isOver(trials.get(name) ?? NO_TRIAL);
  const { title } = [platform, ...platforms].find(isProven) ?? platform;
  const off = whatIsOff(view, now);
  // As short as before, so that what is below stays where it is.
  return off
    ? html`<p><strong>Nothing was lost.</strong> ${off}</p>`
    : html`<p class="good">${nothingLost(view, title)}</p>`;
}

function whatIsOff(view: View, now: number): SafeHtml | null {
  for (const { name, title } of [view.platform, { name: "webex", title: "Webex" }]) {
    const task = hindranceOf(situationOf(view, name));
    if (task === "repair") return repairing(failureOf(name), title);
    if (task !== null) return sayingOf(task, view, now);
  }
  return null;
}

/** What else there is to see, and how to stop the demo. */
export function whatElse({ platforms, platform, serverUrl, password }: View): SafeHtml {
  const others = platforms.filter(({ name }) => name !== platform.name);
  return html`
<ul class="plain finish" aria-label="What else there is">
<li>Go on:</li>
<li><a href="#rule-word">Teach the Pizza BOT a rule</a></li>${others.map(
    ({ name, title }) => html`
<li><a href="#on-${name}">Chat on ${title}</a></li>`,
  )}
<li><a href="#turn-direct">Ask globobot 1:1</a></li>
<li><a href="${serverUrl}/status" target="_blank" rel="noopener">See what operators see <span aria-hidden="true">↗</span><span class="unseen"> (new tab)</span></a> (any name, password <code>${password}</code>)</li>
<li>To stop: Ctrl+C in the terminal</li>
</ul>`;
}
