import { html, type SafeHtml } from "@remix-run/html-template";
import type { PlatformName } from "../../job.ts";
import { page } from "../../pages/layout.ts";
import { inboxCard, wireCard } from "./inside.ts";
import { agentsPane, customerPane, platformChoice, roomPane } from "./panes.ts";
import type { DemoRule } from "./rules.ts";
import { TROUBLES, type Trouble } from "./troubles.ts";
import type { ServerState, View } from "./view.ts";

/** The whole page of the demo. */
export function livePage(view: View): string {
  const content = html`
<p class="lead">A real server between stand-ins for LiveChat, chat.io and Webex, all on this machine. You speak for the people.</p>
${WITHOUT_SCRIPTS}
<div class="stage">
${tasks(view)}
${switches(view)}
${platformChoice(view)}
<div class="demo">
${customerPane(view)}
${agentsPane(view)}
${roomPane(view)}
${inboxCard(view)}
</div>
</div>
${teaching(view)}
${wireCard(view)}`;
  return page({
    title: "See both bots at work",
    content,
    links: serverLinks(view),
    isWide: true,
    style: "/demo.css",
    unheard: "The demo has ended. Start it again: npm run demo",
    live: { events: "/events" },
  });
}

function serverLinks({ serverUrl }: View): SafeHtml {
  return html`<a href="${serverUrl}/" target="_blank" rel="noopener">The server’s own pages <span aria-hidden="true">↗</span><span class="unseen"> (new tab)</span></a>`;
}

const WITHOUT_SCRIPTS = html`
<noscript><p class="notice">Without JavaScript the page does not update by itself. <a href="/">Refresh it</a></p></noscript>`;

type Task = { name: string; isDone: boolean; how: SafeHtml };

/** What to try, in order, ticked off as it is done. Only what comes next says how. */
function tasks(view: View): SafeHtml {
  const all = tasksOf(view);
  const next = all.find(({ isDone }) => !isDone);
  return html`
<ol class="steps across" aria-label="What to try">${all.map((task) => {
    const mark = task.isDone ? "done" : task === next ? "next" : "later";
    return html`
<li class="${mark}"><h2>${task.name}${task.isDone ? DONE : null}</h2>${task === next ? task.how : null}</li>`;
  })}
</ol>`;
}

const DONE = html`<span class="unseen"> (done)</span>`;

function tasksOf(view: View): Task[] {
  const answers = [...view.rooms.group, ...view.rooms.direct].filter(({ author }) => author === "globobot");
  return [
    { name: "Install the Pizza BOT", isDone: view.isInstalled, how: installation(view) },
    {
      name: "Ask for pizza",
      isDone: view.isServed,
      how: html`<p>Write as the customer. The agents are told that the pizza is on the way; the customer is not.</p>`,
    },
    {
      name: "Ask for a balance",
      isDone: answers.length > 0,
      how: html`<p>Mention globobot in the Webex room, with the account ID as the last word.</p>`,
    },
    {
      name: "Make something fail",
      isDone: view.hasFailed && isAllWell(view),
      how: html`<p>Ask again while it fails, then switch the failure off. Whatever was accepted is still done.</p>`,
    },
  ];
}

function isAllWell({ troubles, server, inbox: { counts } }: View): boolean {
  return troubles.size === 0 && server === "running" && counts.waiting + counts.working === 0;
}

function installation({ platform: { title, installPath }, serverUrl }: View): SafeHtml {
  return html`
<p>As a company would: sign in at ${title} and allow the app. Then come back here.</p>
<p><a class="button main" href="${serverUrl}${installPath}" target="_blank" rel="noopener">Add to ${title} <span aria-hidden="true">↗</span><span class="unseen"> (new tab)</span></a></p>`;
}

/** The rules of the Pizza BOT, and one line to add another. */
function teaching({ rules }: View): SafeHtml {
  return html`
<section class="card teaching" aria-labelledby="teaching">
<h2 id="teaching">Teach the Pizza BOT</h2>
<form method="post" action="/rule" data-live>
<div class="field"><label for="rule-word">If somebody writes</label>
<input type="text" id="rule-word" name="word" placeholder="a word or phrase" maxlength="100" autocomplete="off" required></div>
<div class="field"><label for="rule-reply">it says</label>
<input type="text" id="rule-reply" name="reply" placeholder="a reply" maxlength="1000" autocomplete="off" required></div>
<fieldset class="choice small"><legend class="unseen">Who reads the reply</legend>
<label><input type="radio" name="to" value="agents" checked> to the agents</label>
<label><input type="radio" name="to" value="everyone"> to everyone</label></fieldset>
<button>Add</button>
</form>
<ul class="plain rules small" aria-label="Its rules" tabindex="0">${rules.map(ruleItem)}
</ul>
</section>`;
}

function ruleItem({ words, reply, to }: DemoRule): SafeHtml {
  return html`
<li><strong>${words.join(", ")}</strong> <span aria-hidden="true">→</span><span class="unseen">:</span> ${reply} <span class="badge ${to === "agents" ? "hint" : "cool"}">${to === "agents" ? "agents only" : "everyone"}</span></li>`;
}

/** `of`: the platform whose trouble it is, if it is shown only while people chat there. */
const SWITCHES: Readonly<Record<Trouble, { label: string; of?: PlatformName }>> = {
  livechatFails: { label: "LiveChat fails", of: "livechat" },
  chatioFails: { label: "chat.io fails", of: "chatio" },
  webexLimits: { label: "Webex limits" },
  networkCut: { label: "The network is cut" },
};

const SERVER: Readonly<Record<ServerState, { says: string; mood: string }>> = {
  starting: { says: "is starting", mood: "hint" },
  running: { says: "is running", mood: "good" },
  killed: { says: "was killed", mood: "bad" },
  failed: { says: "has ended by itself", mood: "bad" },
};

/** Switches for what can fail, and for the server itself. */
function switches({ troubles, server, platform }: View): SafeHtml {
  const isShown = (trouble: Trouble) =>
    troubles.has(trouble) || (SWITCHES[trouble].of ?? platform.name) === platform.name;
  return html`
<section class="card switches" aria-labelledby="switches">
<h2 id="switches">Make it fail</h2>
<div class="row">${TROUBLES.filter(isShown).map((trouble) => troubleSwitch(trouble, troubles.has(trouble)))}
</div>
<div class="row" role="status">The server <span class="badge ${SERVER[server].mood}">${SERVER[server].says}</span> ${serverButton(server)}</div>
</section>`;
}

function troubleSwitch(trouble: Trouble, isOn: boolean): SafeHtml {
  return html`
<form method="post" action="/trouble" data-live>
<input type="hidden" name="trouble" value="${trouble}">
<input type="hidden" name="on" value="${isOn ? "false" : "true"}">
<button class="toggle" aria-pressed="${isOn ? "true" : "false"}">${SWITCHES[trouble].label}</button>
</form>`;
}

/** While the server starts the button does nothing, but keeps the keyboard's focus. */
function serverButton(server: ServerState): SafeHtml {
  const [does, name] = server === "running" ? ["kill", "Kill it"] : ["start", "Start it again"];
  const disabled = server === "starting" ? html` aria-disabled="true"` : null;
  return html`
<form method="post" action="/server" data-live>
<input type="hidden" name="do" value="${does}">
<button class="slim"${disabled}>${name}</button>
</form>`;
}
