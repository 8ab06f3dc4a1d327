import { html, type SafeHtml } from "@remix-run/html-template";
import type { Line } from "../../sandbox/chat-people.ts";
import type { RoomLine } from "../../sandbox/webex/people.ts";
import { controlAttributes } from "./controls.ts";
import { asTyped, MENTIONS_ONLY, NOBODY_LISTENS, noRuleNote, undeliveredNote } from "./notes.ts";
import type { Control } from "./path.ts";
import { isOpen, NO_TRIAL } from "./trial.ts";
import type { RoomName, View } from "./view.ts";

/** Chooses the platform on which the customer and the agents chat. */
export function platformChoice({ platforms, platform }: View): SafeHtml {
  return html`
<form method="post" action="/platform" class="platforms" data-live>
<span id="platforms">Customer and agents chat on</span>
<div class="tabs" role="group" aria-labelledby="platforms">${platforms.map(({ name, title }) => {
    const isChosen = name === platform.name ? "true" : "false";
    return html`
<button id="on-${name}" name="platform" value="${name}" aria-pressed="${isChosen}">${title}</button>`;
  })}
</div>
${platform.remark && html`<span class="soft small">${platform.remark}</span>`}
</form>`;
}

/** The chat as the customer sees it. */
export function customerPane(view: View, next: Control | null): SafeHtml {
  const { chat, platform, isInstalled } = view;
  const seen = chat.filter(({ recipients }) => recipients === "all").map((line) => seenBy("customer", line));
  const lines = [...seen, ...notes(isInstalled || seen.length === 0 ? null : NOBODY_LISTENS, inVain(view))];
  return html`
<section class="card pane" aria-labelledby="customer">
<header><h2 id="customer">The customer</h2><span class="badge cool">${platform.title}</span></header>
<p class="soft small">A chat window on the shop’s site.</p>
${conversation("The chat, as the customer sees it", lines, isInstalled ? "Nobody has written yet." : NOT_INSTALLED)}
${writeForm({
  id: "customer-text",
  label: "Write as the customer",
  placeholder: "Write …",
  suggestions: ["Hey! where is my pizza?"],
  fields: { from: "customer" },
  control: { name: "pizza", next },
  below: isHeldUp(view) ? NOT_NOW : START_OVER,
})}
</section>`;
}

const START_OVER = html`
<form method="post" action="/start-over" data-live><button class="link">Begin a new chat</button></form>`;

const NOT_NOW = html`
<p class="soft small">No new chat while a job waits.</p>`;

/** Whether a job of a failing platform waits: who begins a new chat would not see what comes of it. */
function isHeldUp({ trials, platform }: View): boolean {
  const { job } = trials.get(platform.name) ?? NO_TRIAL;
  return job !== null && isOpen(job);
}

const inVain = (view: View) => undeliveredNote(view, "chat");

/** Grey lines, of the platform or the demo. */
function notes(...texts: readonly (string | null)[]): PaneLine[] {
  return texts.flatMap((text) => (text === null ? [] : [{ voice: "system", author: "", text }]));
}

const NOT_INSTALLED = "Nobody has written yet, and no bot listens until the Pizza BOT is installed.";

/** The same chat as the agents see it. */
export function agentsPane(view: View, next: Control | null): SafeHtml {
  const { chat, platform } = view;
  const lines = [...chat.map((line) => seenBy("agent", line)), ...notes(noRuleNote(view), inVain(view))];
  return html`
<section${controlAttributes("agents", next, "card pane")} tabindex="-1" aria-labelledby="agents">
<header><h2 id="agents">The agents</h2><span class="badge cool">${platform.title}</span></header>
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

type Room = { name: RoomName; title: string; placeholder: string; suggestions: readonly string[] };

const ROOMS: readonly Room[] = [
  {
    name: "group",
    title: "Group",
    placeholder: "@globobot …",
    suggestions: ["@globobot hi, what is the balance for acct200"],
  },
  { name: "direct", title: "1:1", placeholder: "Write …", suggestions: ["acct100"] },
];

/** Ana's rooms with globobot, one at a time. */
export function roomPane(view: View, next: Control | null): SafeHtml {
  const { room: shown } = view;
  return html`
<section class="card pane rooms" aria-labelledby="webex-rooms">
<header><h2 id="webex-rooms">Ana’s rooms</h2><span class="badge cool">Webex</span></header>
<form method="post" action="/room" data-live><div class="tabs" role="group" aria-label="Room">${ROOMS.map((room) => tab(room, shown))}
</div></form>
${ROOMS.map((room) => roomPart(room, view, next))}
</section>`;
}

function tab({ name, title }: Room, shown: RoomName): SafeHtml {
  return html`
<button id="turn-${name}" name="room" value="${name}" aria-pressed="${name === shown ? "true" : "false"}">${title}</button>`;
}

/** A room that is not shown stays on the page, with what somebody has half typed there. */
function roomPart(
  { name, title, placeholder, suggestions }: Room,
  view: View,
  next: Control | null,
): SafeHtml {
  const { rooms, room: shown } = view;
  const said = rooms[name].flatMap((line) => [
    lineOfRoom(line, name),
    ...notes(isUnheard(line) ? MENTIONS_ONLY : null),
  ]);
  const seen = [...said, ...notes(undeliveredNote(view, name))];
  return html`
<div class="room" id="room-${name}"${name === shown ? null : html` hidden`}>
${conversation(`The room: ${title}`, seen, EMPTY_ROOM)}
${writeForm({
  id: `${name}-text`,
  label: `Write as Ana (${title})`,
  placeholder,
  suggestions,
  fields: { from: "ana", room: name },
  ...(name === shown && { control: { name: "balance", next } }),
})}
</div>`;
}

const EMPTY_ROOM =
  "Nobody has written yet. Ana works for the shop; globobot tells her the balance of an account.";

function lineOfRoom(line: RoomLine, room: RoomName): PaneLine {
  const { author, text } = line;
  if (author === "globobot") return { voice: "bot", author, text };
  return { voice: "mine", author: "Ana", text: room === "group" ? asTyped(line) : text };
}

/** Whether Webex does not tell globobot of it. */
function isUnheard({ author, isToldToBot }: RoomLine): boolean {
  return author !== "globobot" && !isToldToBot;
}

/** Whose line it is: of the person whose pane it is, of another person, of a bot, or of the platform. */
type Voice = "mine" | "theirs" | "bot" | "system";

type PaneLine = { voice: Voice; author: string; text: string; isForAgentsOnly?: boolean };

/** The lines of a pane, oldest first. It scrolls with the newest in sight. */
function conversation(label: string, lines: readonly PaneLine[], empty: string): SafeHtml {
  return html`
<div class="talk" role="log" aria-label="${label}" tabindex="0"><div>
${lines.length === 0 ? html`<p class="soft small">${empty}</p>` : null}
<ol class="plain">${lines.map(lineItem)}
</ol>
</div></div>`;
}

function lineItem({ voice, author, text, isForAgentsOnly = false }: PaneLine): SafeHtml {
  if (voice === "system")
    return html`
<li class="line system">${text}</li>`;
  return html`
<li class="line ${voice}${isForAgentsOnly ? " to-agents" : ""}"><span class="who">${author}${isForAgentsOnly ? AGENTS_ONLY : null}</span><p>${text}</p></li>`;
}

const AGENTS_ONLY = html` <span class="badge hint">agents only</span>`;

type WriteForm = {
  id: string;
  label: string;
  placeholder: string;
  /** Texts to send with one click. */
  suggestions: readonly string[];
  /** Sent with every text. */
  fields: Readonly<Record<string, string>>;
  /** What a step calls the first suggestion, and what the next step needs. */
  control?: { name: Control; next: Control | null };
  /** Further choices. */
  options?: SafeHtml;
  /** A form of its own. */
  below?: SafeHtml;
};

/** Where a person writes, with suggestions. */
function writeForm({
  id,
  label,
  placeholder,
  suggestions,
  fields,
  control,
  options,
  below,
}: WriteForm): SafeHtml {
  const hidden = Object.entries(fields).map(([name, value]) => {
    return html`<input type="hidden" name="${name}" value="${value}">`;
  });
  return html`
<div class="write">
<form method="post" action="/say" data-live>${hidden}${suggestions.map((text, index) => suggestion(text, index === 0 ? control : undefined))}</form>
<form method="post" action="/say" data-live>${hidden}
<label class="unseen" for="${id}">${label}</label>
<div class="row"><input type="text" id="${id}" name="text" placeholder="${placeholder}" maxlength="2000" autocomplete="off" required>
<button class="main">Send</button></div>
${options}
</form>
${below}
</div>`;
}

function suggestion(text: string, control: WriteForm["control"]): SafeHtml {
  const attributes = control ? controlAttributes(control.name, control.next, "chip") : html` class="chip"`;
  return html`<button${attributes} name="text" value="${text}">${text}</button>`;
}
