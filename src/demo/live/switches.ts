import { html, type SafeHtml } from "@remix-run/html-template";
import type { PlatformName } from "../../job.ts";
import { controlAttributes } from "./controls.ts";
import type { Control, ServerControl } from "./path.ts";
import { TROUBLES, type Trouble } from "./troubles.ts";
import type { ServerLine, ServerState, View } from "./view.ts";

/** What begins it and what ends it. `of`: the platform whose trouble it is, if it is shown only while people chat there. */
const SWITCHES: Readonly<Record<Trouble, { begin: string; end: string; of?: PlatformName }>> = {
  livechatFails: { begin: "Break LiveChat", end: "Repair LiveChat", of: "livechat" },
  chatioFails: { begin: "Break chat.io", end: "Repair chat.io", of: "chatio" },
  webexLimits: { begin: "Limit Webex calls", end: "Lift the Webex limit" },
  networkCut: { begin: "Cut the network", end: "Connect the network" },
};

/** What the switch of a trouble says while the trouble is on, or off. */
export function labelOf(trouble: Trouble, isOn: boolean): string {
  const { begin, end } = SWITCHES[trouble];
  return isOn ? end : begin;
}

const SERVER: Readonly<Record<ServerState, { says: string; mood: string }>> = {
  starting: { says: "is starting", mood: "hint" },
  running: { says: "is running", mood: "good" },
  killed: { says: "was killed", mood: "bad" },
  failed: { says: "has ended by itself", mood: "bad" },
};

const LONGEST_STATE = SERVER.killed.says;

export const KILL = "Kill it";
export const START = "Start it again";

/** What one of several servers says, and its button. */
const ONE_OF_SEVERAL: Readonly<Record<ServerState, string>> = {
  starting: "starting",
  running: "running",
  killed: "killed",
  failed: "ended by itself",
};
export const KILL_ONE = "Kill";
export const START_ONE = "Start";

/** Switches for what can fail, and for the servers themselves. */
export function switches({ troubles, servers, platform }: View, next: Control | null): SafeHtml {
  const isShown = (trouble: Trouble) =>
    troubles.has(trouble) || (SWITCHES[trouble].of ?? platform.name) === platform.name;
  return html`
<section class="card switches" aria-labelledby="switches">
<h2 id="switches">Make it fail</h2>
<div class="row">${TROUBLES.filter(isShown).map((trouble) => troubleSwitch(trouble, troubles.has(trouble), next))}
</div>
${servers.length > 1 ? several(servers, next) : servers.map((server) => single(server, next))}
</section>`;
}

function single({ number, state }: ServerLine, next: Control | null): SafeHtml {
  const [kill, start] = [steady(KILL, START), steady(START, KILL)];
  const button = serverButton({ number, state, control: "server", kill, start }, next);
  return html`
<div class="row" role="status">The server <span class="badge ${SERVER[state].mood}">${steady(SERVER[state].says, LONGEST_STATE)}</span> ${button}</div>`;
}

function several(servers: readonly ServerLine[], next: Control | null): SafeHtml {
  return html`
<div role="status"><ul class="plain servers" aria-label="The servers">${servers.map((server) => oneOfSeveral(server, next))}
</ul></div>`;
}

function oneOfSeveral({ number, state }: ServerLine, next: Control | null): SafeHtml {
  const name = `server ${number}`;
  const named = (does: SafeHtml) => html`${does}<span class="unseen"> ${name}</span>`;
  const says = { kill: named(steady(KILL_ONE, START_ONE)), start: named(steady(START_ONE, KILL_ONE)) };
  return html`
<li>${name} <span class="badge ${SERVER[state].mood}">${steady(ONE_OF_SEVERAL[state], ONE_OF_SEVERAL.starting)}</span> ${serverButton({ number, state, control: `server-${number}`, ...says }, next)}</li>`;
}

/** A text in the room that another would need, so that nothing moves when they change places. */
function steady(text: string, other: string): SafeHtml {
  return html`<span class="steady" data-other="${other}">${text}</span>`;
}

function troubleSwitch(trouble: Trouble, isOn: boolean, next: Control | null): SafeHtml {
  return html`
<form method="post" action="/trouble" data-live>
<input type="hidden" name="trouble" value="${trouble}">
<input type="hidden" name="on" value="${isOn ? "false" : "true"}">
<button${controlAttributes(trouble, next, isOn ? "toggle is-on" : "toggle")}>${steady(labelOf(trouble, isOn), labelOf(trouble, !isOn))}</button>
</form>`;
}

type ServerButton = ServerLine & {
  control: ServerControl;
  /** What it says. */
  kill: SafeHtml;
  start: SafeHtml;
};

/** While the server starts the button does nothing, but keeps the keyboard's focus. */
function serverButton({ number, state, control, kill, start }: ServerButton, next: Control | null): SafeHtml {
  const [does, says] = state === "running" ? ["kill", kill] : ["start", start];
  const disabled = state === "starting" ? html` aria-disabled="true"` : null;
  return html`
<form method="post" action="/server" data-live>
<input type="hidden" name="do" value="${does}">
<input type="hidden" name="server" value="${number}">
<button${controlAttributes(control, next, "slim server")}${disabled}>${says}</button>
</form>`;
}
