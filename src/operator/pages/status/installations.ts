import { html, type SafeHtml } from "@remix-run/html-template";
import { fromNow, timeOf } from "../../../pages/times.ts";
import type { InstallationState } from "../../../store/installation-state.ts";
import { scrolling } from "./scroll.ts";

/** An installation without its tokens and its secret. */
export type InstallationFacts = {
  platformTitle: string;
  /** The license, or what else the platform installs on. */
  account: string;
  botId: string;
  state: InstallationState;
  /** True once its bot was found to be removed there. */
  botIsGone: boolean;
  /** When the access token expires, in ms since 1970. */
  expiresAt: number;
};

/** A platform whose bot can be installed now, and the address at which that begins. */
export type InstallerFacts = { title: string; tenant: string; url: string };

/** Where our bots are installed, and the links that install them. */
export function installationsCard(
  all: readonly InstallationFacts[],
  installers: readonly InstallerFacts[],
  now: number,
): SafeHtml {
  return html`
<section class="card" aria-labelledby="installations">
<h2 id="installations">Installations</h2>
${all.length === 0 ? NONE : table(all, now)}
${installers.map(
  ({ title, tenant, url }) => html`
<p class="row"><a class="button" href="${url}">Install or reinstall</a> <span class="soft small">You sign in at ${title} with the ${tenant} that is meant.</span></p>`,
)}
</section>`;
}

function table(all: readonly InstallationFacts[], now: number): SafeHtml {
  return scrolling(
    "Installations",
    html`<table>
<thead><tr><th scope="col">Platform</th><th scope="col">Account</th><th scope="col">State</th><th scope="col">Token valid until (UTC)</th><th scope="col">Bot</th></tr></thead>
<tbody>${all.map(
      ({ platformTitle, account, botId, state, botIsGone, expiresAt }) => html`
<tr><td>${platformTitle}</td><th scope="row">${account}</th><td>${STATES[state]}${botIsGone ? goneAt(platformTitle) : null}</td><td>${timeOf(expiresAt, now)} <span class="soft">${fromNow(expiresAt, now)}</span></td><td><code>${botId}</code></td></tr>`,
    )}
</tbody></table>`,
  );
}

const STATES: Readonly<Record<InstallationState, SafeHtml>> = {
  ok: html`<span class="badge good">ok</span>`,
  needs_reinstall: html`<span class="badge bad">needs a reinstall</span>`,
  unreadable: html`<span class="badge bad">its tokens cannot be read</span>`,
};

function goneAt(platformTitle: string): SafeHtml {
  return html` <span class="soft">its bot agent was removed at ${platformTitle}</span>`;
}

const NONE = html`<p class="soft">No bot is installed yet.</p>`;
