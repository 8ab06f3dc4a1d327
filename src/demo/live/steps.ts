import { html, type SafeHtml } from "@remix-run/html-template";
import { linkTo, TO_DO } from "./controls.ts";
import { type Control, guideFor, STAGES, type Stage } from "./path.ts";
import { controlIn, nothingLost, sayingOf, stageNames } from "./sayings.ts";
import { isOver, NO_TRIAL } from "./trial.ts";
import type { View } from "./view.ts";

type Step = { name: string; isDone: boolean; how: SafeHtml; control: Control | null; path?: SafeHtml };

/** What to try, in order, ticked off as it is done, and how the next is done. */
export function steps(view: View): SafeHtml {
  const all = stepsOf(view);
  const next = nextOf(all);
  return html`
<ol class="steps across" aria-label="What to try">${all.map((step) => listItem(step, step === next))}
</ol>
<div class="to-do">
<div id="${TO_DO}" role="status">${next?.how ?? ending(view)}</div>${next?.path}
</div>`;
}

/** The control with which the next step is done, or where it is seen. */
export function nextControl(view: View): Control | null {
  return nextOf(stepsOf(view))?.control ?? null;
}

function nextOf(all: readonly Step[]): Step | undefined {
  return all.find(({ isDone }) => !isDone);
}

function listItem({ name, isDone }: Step, isNext: boolean): SafeHtml {
  const mark = isDone ? "done" : isNext ? "next" : "later";
  const current = isNext ? html` aria-current="step"` : null;
  return html`
<li class="${mark}"${current}><h2>${name}${isDone ? DONE : null}</h2></li>`;
}

const DONE = html`<span class="unseen"> (done)</span>`;

function stepsOf(view: View): Step[] {
  const answers = [...view.rooms.group, ...view.rooms.direct].filter(({ author }) => author === "globobot");
  return [
    { name: "Install the Pizza BOT", isDone: view.isInstalled, how: installation(view), control: null },
    {
      name: "Ask for pizza",
      isDone: view.isServed,
      how: html`<p>${linkTo("pizza", "Write as the customer")}. The agents are told that the pizza is on the way; the customer is not.</p>`,
      control: "pizza",
    },
    {
      name: "Ask for a balance",
      isDone: answers.length > 0,
      how: html`<p>${linkTo("balance", "Mention globobot")} in the Webex room, with the account ID as the last word.</p>`,
      control: "balance",
    },
    lastStep(view),
  ];
}

function installation({ platform: { title, installPath }, serverUrl }: View): SafeHtml {
  return html`
<p>As a company would: sign in at ${title} and allow the app. The last page leads back here.</p>
<p><a class="button main" href="${serverUrl}${installPath}">Add to ${title}</a></p>`;
}

function lastStep(view: View): Step {
  const { stage, task } = guideFor(view);
  return {
    name: "Make something fail",
    isDone: [...view.trials.values()].some(isOver),
    how: html`<p>${sayingOf(task, view)}</p>`,
    control: controlIn(task, view),
    path: pathRow(stage, stageNames(view)),
  };
}

function ending(view: View): SafeHtml {
  const { platforms, platform, trials } = view;
  const isProven = ({ name }: { name: string }) => isOver(trials.get(name) ?? NO_TRIAL);
  const { title } = [platform, ...platforms].find(isProven) ?? platform;
  return html`<p class="good">${nothingLost(view, title)}</p>`;
}

function pathRow(current: Stage, names: Readonly<Record<Stage, string>>): SafeHtml {
  const at = STAGES.indexOf(current);
  return html`
<ol class="path" aria-label="The way through a failure">${STAGES.map((stage, index) => {
    if (index === at)
      return html`
<li aria-current="step">${names[stage]}</li>`;
    return html`
<li${index < at ? html` class="done"` : null}>${names[stage]}${index < at ? DONE : null}</li>`;
  })}
</ol>`;
}
