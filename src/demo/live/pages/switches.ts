import { html, type SafeHtml } from "@remix-run/html-template";
import { type ServerState, TROUBLES, type Trouble, type View } from "../view.ts";

const NAMES: Readonly<Record<Trouble, string>> = {
  chatioFails: "chat.io fails",
  webexLimits: "Webex limits",
  networkCut: "The network is cut",
};

const SERVER: Readonly<Record<ServerState, { says: string; mood: string }>> = {
  starting: { says: "is starting", mood: "hint" },
  running: { says: "is running", mood: "good" },
  killed: { says: "was killed", mood: "bad" },
  failed: { says: "has ended by itself", mood: "bad" },
};

/** What can be made to fail, and the server's own life. */
export function switches({ troubles, server }: View): SafeHtml {
  return html`
<section class="card switches" aria-labelledby="switches">
<h2 id="switches">Make it fail</h2>
<div class="row">${TROUBLES.map((trouble) => troubleSwitch(trouble, troubles.has(trouble)))}
</div>
<div class="row" role="status">The server <span class="badge ${SERVER[server].mood}">${SERVER[server].says}</span> ${serverButton(server)}</div>
</section>`;
}

function troubleSwitch(trouble: Trouble, isOn: boolean): SafeHtml {
  return html`
<form method="post" action="/trouble" data-live>
<input type="hidden" name="trouble" value="${trouble}">
<input type="hidden" name="on" value="${isOn ? "false" : "true"}">
<button class="toggle" aria-pressed="${isOn ? "true" : "false"}">${NAMES[trouble]}</button>
</form>`;
}

/** While it starts the button does nothing, but keeps the focus that somebody's keyboard is on. */
function serverButton(server: ServerState): SafeHtml {
  const [does, name] = server === "running" ? ["kill", "Kill it"] : ["start", "Start it again"];
  const disabled = server === "starting" ? html` aria-disabled="true"` : null;
  return html`
<form method="post" action="/server" data-live>
<input type="hidden" name="do" value="${does}">
<button class="slim"${disabled}>${name}</button>
</form>`;
}
