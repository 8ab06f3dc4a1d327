import { html, type SafeHtml } from "@remix-run/html-template";
import type { PlatformName } from "../../job.ts";
import { linkTo, TO_DO } from "./controls.ts";
import { ending, whatElse } from "./finish.ts";
import {
  type Control,
  type Guide,
  guideFor,
  hindranceOf,
  isDetour,
  STAGES,
  type Stage,
  situationOf,
} from "./path.ts";
import { controlIn, repairing, sayingOf, stageNames } from "./sayings.ts";
import { isOver } from "./trial.ts";
import { failureOf } from "./troubles.ts";
import type { View } from "./view.ts";

type Step = { name: string; isDone: boolean; how: SafeHtml; control: Control | null; path?: SafeHtml };

/** What to try, in order, ticked off as it is done, and how the next is done. `now`: ms since 1970. */
export function steps(view: View, now: number): SafeHtml {
  const all = stepsOf(view, now);
  const next = nextOf(all);
  return html`
<ol class="steps across" aria-label="What to try">${all.map((step) => listItem(step, step === next))}
</ol>
<div class="to-do">
<div id="${TO_DO}" role="status">${next?.how ?? ending(view, now)}</div>${next ? next.path : whatElse(view)}
</div>`;
}

/** The control with which the next step is done, or where it is seen. */
export function nextControl(view: View, now: number): Control | null {
  return nextOf(stepsOf(view, now))?.control ?? null;
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

function stepsOf(view: View, now: number): Step[] {
  const answers = [...view.rooms.group, ...view.rooms.direct].filter(({ author }) => author === "globobot");
  const onPlatform = (step: Step) => unlessHindered(step, view, view.platform, now);
  const webex = { name: "webex", title: "Webex" };
  return [
    onPlatform({
      name: "Install the Pizza BOT",
      isDone: view.isInstalled,
      how: installation(view),
      control: null,
    }),
    onPlatform({
      name: "Ask for pizza",
      isDone: view.isServed,
      how: html`<p>${linkTo("pizza", "Write as the customer")}. The agents are told that the pizza is on the way; the customer is not.</p>`,
      control: "pizza",
    }),
    unlessHindered(
      {
        name: "Ask for a balance",
        isDone: answers.length > 0,
        how: html`<p>As Ana, who works for the shop, ${linkTo("balance", "mention globobot")} in the Webex room, with an account’s ID as the last word.</p>`,
        control: "balance",
      },
      view,
      webex,
      now,
    ),
    lastStep(view, now),
  ];
}

/** The step, or what has to be done before it: the server or the platform that it needs may be down. */
function unlessHindered(
  step: Step,
  view: View,
  platform: { name: PlatformName; title: string },
  now: number,
): Step {
  const task = hindranceOf(situationOf(view, platform.name));
  if (task === null) return step;
  const trouble = failureOf(platform.name);
  if (task === "repair")
    return { ...step, how: html`<p>${repairing(trouble, platform.title)}</p>`, control: trouble };
  return { ...step, how: html`<p>${sayingOf(task, view, now)}</p>`, control: controlIn(task, view) };
}

function installation({ platform: { title, installPath }, serverUrl }: View): SafeHtml {
  return html`
<p>As a company would: allow the app at ${title}. The last page leads back here.</p>
<p><a class="button main" href="${serverUrl}${installPath}">Add to ${title}</a></p>`;
}

function lastStep(view: View, now: number): Step {
  const guide = guideFor(view);
  const { task } = guide;
  return {
    name: "Make something fail",
    isDone: [...view.trials.values()].some(isOver),
    how: html`<p>${sayingOf(task, view, now)}</p>`,
    control: controlIn(task, view),
    path: pathRow(guide, stageNames(view)),
  };
}

function pathRow(guide: Guide, names: Readonly<Record<Stage, string>>): SafeHtml {
  const at = STAGES.indexOf(guide.stage);
  return html`
<ol class="path${isDetour(guide) ? " paused" : ""}" aria-label="The way through a failure">${STAGES.map(
    (stage, index) => {
      if (index === at)
        return html`
<li aria-current="step">${names[stage]}</li>`;
      return html`
<li${index < at ? html` class="done"` : null}>${names[stage]}${index < at ? DONE : null}</li>`;
    },
  )}
</ol>`;
}
