import { html, type SafeHtml } from "@remix-run/html-template";
import type { PlatformName } from "../../job.ts";
import { controlAttributes } from "./controls.ts";
import type { Control } from "./path.ts";
import { TROUBLES, type Trouble } from "./troubles.ts";
import type { ServerState, View } from "./view.ts";

/** `of`: the platform whose trouble it is, if it is shown only while people chat there. */
const SWITCHES: Readonly<Record<Trouble, { label: string; of?: PlatformName }>> = {
  livechatFails: { label: "LiveChat fails", of: "livechat" },
  chatioFails: { label: "chat.io fails", of: "chatio" },
  webexLimits: { label: "Webex limits" },
  networkCut: { label: "The network is cut" },
};

/** What the switch of a trouble says. */
export function labelOf(trouble: Trouble): string {
  return SWITCHES[trouble].label;
}

const SERVER: Readonly<Record<ServerState, { says: string; mood: string }>> = {
  starting: { says: "is starting", mood: "hint" },
  running: { says: "is running", mood: "good" },
  killed: { says: "was killed", mood: "bad" },
  failed: { says: "has ended by itself", mood: "bad" },
};

export const KILL = "Kill it";
export const START = "Start it again";

/** Switches for what can fail, and for the server itself. */
export function switches({ troubles, server, platform }: View, next: Control | null): SafeHtml {
  const isShown = (trouble: Trouble) =>
    troubles.has(trouble) || (SWITCHES[trouble].of ?? platform.name) === platform.name;
  return html`
<section class="card switches" aria-labelledby="switches">
<h2 id="switches">Make it fail</h2>
<div class="row">${TROUBLES.filter(isShown).map((trouble) => troubleSwitch(trouble, troubles.has(trouble), next))}
</div>
<div class="row" role="status">The server <span class="badge ${SERVER[server].mood}">${SERVER[server].says}</span> ${serverButton(server, next)}</div>
</section>`;
}

function troubleSwitch(trouble: Trouble, isOn: boolean, next: Control | null): SafeHtml {
  return html`
<form method="post" action="/trouble" data-live>
<input type="hidden" name="trouble" value="${trouble}">
<input type="hidden" name="on" value="${isOn ? "false" : "true"}">
<button${controlAttributes(trouble, next, "toggle")} aria-pressed="${isOn ? "true" : "false"}">${labelOf(trouble)}</button>
</form>`;
}

/** While the server starts the button does nothing, but keeps the keyboard's focus. */
function serverButton(server: ServerState, next: Control | null): SafeHtml {
  const [does, name] = server === "running" ? ["kill", KILL] : ["start", START];
  const disabled = server === "starting" ? html` aria-disabled="true"` : null;
  return html`
<form method="post" action="/server" data-live>
<input type="hidden" name="do" value="${does}">
<button${controlAttributes("server", next, "slim")}${disabled}>${name}</button>
</form>`;
}
