import { html, type SafeHtml } from "@remix-run/html-template";
import { linkTo, TO_DO } from "./controls.ts";
import { type Control, controlOf, guideFor, STAGES, type Stage, type Task } from "./path.ts";
import { KILL, labelOf, START } from "./switches.ts";
import { isOver, NO_TRIAL } from "./trial.ts";
import { failureOf } from "./troubles.ts";
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
  const { name } = view.platform;
  return {
    name: "Make something fail",
    isDone: [...view.trials.values()].some(isOver),
    how: html`<p>${sayingOf(task, view)}</p>`,
    control: controlOf(task, name),
    path: pathRow(stage, view.platform.title),
  };
}

function sayingOf(task: Task, { platform: { name, title } }: View): SafeHtml {
  const failure = failureOf(name);
  const fails = linkTo(failure, `“${labelOf(failure)}”`);
  const starts = linkTo("server", `“${START}”`);
  const sayings: Readonly<Record<Task, SafeHtml>> = {
    fail: html`Press ${fails}: ${title} then refuses every call.`,
    again: html`${title} works again, and the server has not been killed yet. Press ${fails} once more.`,
    revive: html`The server is down. Press ${starts}.`,
    reconnect: html`While the network is cut nothing arrives. Press ${linkTo("networkCut", `“${labelOf("networkCut")}”`)} to connect it again.`,
    ask: html`${linkTo("pizza", "Ask for pizza")} once more, as the customer.`,
    wait: html`Watch ${linkTo("inbox", "the inbox")}: the job is on disk, and is tried again and again.`,
    kill: html`The job waits on disk. Press ${linkTo("server", `“${KILL}”`)}: the server ends at once, as in a power cut.`,
    start: html`The server is down, and the job still on disk. Press ${starts}.`,
    starting: html`Wait a second: the server is starting.`,
    fix: html`The server has found the job. Press ${fails} again, so that ${title} works.`,
    read: html`Watch ${linkTo("agents", "the agents")}: at the next try they are told of the pizza.`,
    over: nothingLost(title),
  };
  return sayings[task];
}

function ending({ platforms, platform, trials }: View): SafeHtml {
  const isProven = ({ name }: { name: string }) => isOver(trials.get(name) ?? NO_TRIAL);
  const { title } = [platform, ...platforms].find(isProven) ?? platform;
  return html`<p class="good">${nothingLost(title)}</p>`;
}

function nothingLost(title: string): SafeHtml {
  return html`<strong>Nothing was lost:</strong> although ${title} failed and the server was down, the agents were told of the pizza. Now break what you like.`;
}

function pathRow(current: Stage, title: string): SafeHtml {
  const names: Readonly<Record<Stage, string>> = {
    fail: `${title} fails`,
    ask: "Ask for pizza",
    wait: "It waits",
    kill: "Kill the server",
    start: "Start it",
    fix: `Fix ${title}`,
    read: "The agents read it",
  };
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
