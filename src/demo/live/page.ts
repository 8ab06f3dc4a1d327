import { html, type SafeHtml } from "@remix-run/html-template";
import { page } from "../../pages/layout.ts";
import { inboxCard, wireCard } from "./inside.ts";
import { agentsPane, customerPane, platformChoice, roomPane } from "./panes.ts";
import type { DemoRule } from "./rules.ts";
import { nextControl, steps } from "./steps.ts";
import { switches } from "./switches.ts";
import type { View } from "./view.ts";

/** The whole page of the demo. `now`: ms since 1970. */
export function livePage(view: View, now = Date.now()): string {
  const next = nextControl(view, now);
  const content = html`
<p class="lead">${lead(view)} You write for the customer, the agents and Ana.</p>
${WITHOUT_SCRIPTS}
<div class="stage">
${steps(view, now)}
${switches(view, next)}
${platformChoice(view)}
<div class="demo">
${customerPane(view, next)}
${agentsPane(view, next)}
${roomPane(view, next)}
${inboxCard(view, next, now)}
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
    unheard: `The demo has ended. Start it again: ${commandOf(view)}`,
    live: { events: "/events" },
  });
}

function lead({ servers }: View): string {
  if (servers.length === 1)
    return "A real server; LiveChat, chat.io and Webex are imitated, all on this machine.";
  return `${servers.length} real servers on one PostgreSQL; the platforms are imitated.`;
}

/** What has started this demo. */
function commandOf({ servers }: View): string {
  return servers.length > 1 ? `npm run demo -- --servers ${servers.length}` : "npm run demo";
}

function serverLinks({ serverUrl }: View): SafeHtml {
  return html`<a href="${serverUrl}/" target="_blank" rel="noopener">The server’s own pages <span aria-hidden="true">↗</span><span class="unseen"> (new tab)</span></a>`;
}

const WITHOUT_SCRIPTS = html`
<noscript><p class="notice">Without JavaScript the page does not update by itself. <a href="/">Refresh it</a></p></noscript>`;

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
