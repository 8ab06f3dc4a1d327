import { html, type SafeHtml } from "@remix-run/html-template";
import type { Line } from "../../../sandbox/chatio/index.ts";
import type { View } from "../view.ts";
import { conversation, type PaneLine, type Voice, writeForm } from "./pane.ts";

/** The chat as the customer sees it. */
export function customerPane({ chat, isInstalled }: View): SafeHtml {
  const lines = chat.filter(({ recipients }) => recipients === "all").map((line) => seenBy("customer", line));
  return html`
<section class="card pane" aria-labelledby="customer">
<header><h2 id="customer">The customer</h2><span class="badge cool">chat.io</span></header>
<p class="soft small">A chat window on the shop’s site.</p>
${conversation("The chat, as the customer sees it", lines, isInstalled ? "Nobody has written yet." : NOT_INSTALLED)}
${writeForm({
  id: "customer-text",
  label: "Write as the customer",
  placeholder: "Write …",
  suggestions: ["Hey! where is my pizza?"],
  fields: { from: "customer" },
})}
<form method="post" action="/start-over" data-live><button class="link">Begin a new chat</button></form>
</section>`;
}

const NOT_INSTALLED =
  "Nobody has written yet. As long as the Pizza BOT is not installed, nobody listens either.";

/** The same chat as the agents see it. */
export function agentsPane({ chat }: View): SafeHtml {
  const lines = chat.map((line) => seenBy("agent", line));
  return html`
<section class="card pane" aria-labelledby="agents">
<header><h2 id="agents">The agents</h2><span class="badge cool">chat.io</span></header>
<p class="soft small">The same chat, in the agents’ app.</p>
${conversation("The chat, as the agents see it", lines, "Nothing to do yet.")}
${writeForm({
  id: "agent-text",
  label: "Write as an agent",
  placeholder: "Write …",
  suggestions: ["Is his pizza on its way?"],
  fields: { from: "agent" },
  options: WHO_READS,
})}
</section>`;
}

const WHO_READS = html`
<fieldset class="choice small"><legend class="unseen">Who reads it</legend>
<label><input type="radio" name="to" value="agents" checked> agents only</label>
<label><input type="radio" name="to" value="all"> everyone</label></fieldset>`;

const NAMES: Readonly<Record<string, string>> = { customer: "Customer", agent: "Agent" };

function seenBy(whose: "customer" | "agent", { type, author, text, recipients }: Line): PaneLine {
  const isForAgentsOnly = recipients === "agents";
  return { voice: voiceOf(whose, type, author), author: NAMES[author] ?? author, text, isForAgentsOnly };
}

function voiceOf(whose: string, type: string, author: string): Voice {
  if (type === "system_message") return "system";
  if (author === whose) return "mine";
  return author in NAMES ? "theirs" : "bot";
}
