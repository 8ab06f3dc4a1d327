import { html, type SafeHtml } from "@remix-run/html-template";
import type { View } from "../view.ts";

type Step = { name: string; isDone: boolean; how: SafeHtml };

/** What there is to try, in order, ticked off as it is done. */
export function steps(view: View): SafeHtml {
  const all = stepsOf(view);
  const next = all.find(({ isDone }) => !isDone);
  return html`
<ol class="steps across" aria-label="What to try">${all.map((step) => {
    const mark = step.isDone ? "done" : step === next ? "next" : "later";
    return html`
<li class="${mark}"><h2>${step.name}${step.isDone ? DONE : null}</h2>
${step.how}</li>`;
  })}
</ol>`;
}

const DONE = html`<span class="unseen"> (done)</span>`;

function stepsOf(view: View): Step[] {
  const answers = [...view.rooms.group, ...view.rooms.direct].filter(({ author }) => author === "globobot");
  return [
    { name: "Install the Pizza BOT", isDone: view.isInstalled, how: install(view) },
    {
      name: "Ask for pizza",
      isDone: view.chat.some(({ author }) => author === "Pizza BOT"),
      how: html`<p>Write as the customer. The agents are told that it is on the way; the customer is not.</p>`,
    },
    {
      name: "Ask for a balance",
      isDone: answers.length > 0,
      how: html`<p>Mention globobot in the Webex room, with the account ID as the last word.</p>`,
    },
    {
      name: "Make something fail",
      isDone: view.hasFailed && isAllWell(view),
      how: html`<p>Ask again while it does, then mend it. Whatever was answered 200 is done at its next try.</p>`,
    },
  ];
}

function isAllWell({ troubles, server, inbox: { counts } }: View): boolean {
  return troubles.size === 0 && server === "running" && counts.waiting + counts.working === 0;
}

function install({ isInstalled, licenseId, serverUrl }: View): SafeHtml {
  if (isInstalled) return html`<p>It is installed on license ${licenseId}.</p>`;
  return html`
<p>As a company would: sign in at chat.io and allow it. Then come back here.</p>
<p><a class="button main" href="${serverUrl}/install" target="_blank" rel="noopener">Add to chat.io <span aria-hidden="true">↗</span><span class="unseen"> (new tab)</span></a></p>`;
}
