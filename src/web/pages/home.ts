import { html, type SafeHtml } from "@remix-run/html-template";
import { page } from "../../pages/layout.ts";
import type { PlatformDescription } from "../../platforms/platform.ts";
import { stepsLeft } from "./steps.ts";

/** How far the server is set up. Whether, never with what: that is nobody's business. */
export type HomeFacts = {
  publicUrl: string;
  platforms: readonly PlatformFacts[];
  hasOperatorPages: boolean;
};

export type PlatformFacts = {
  description: PlatformDescription;
  isSetUp: boolean;
  /** Whether deliveries come here: its bot is installed somewhere, or nothing is known to keep them away. */
  isConnected: boolean;
  /** Installations that the platform does not renew any more. */
  needingReinstall: number;
};

/** What this server is, how to install its bots, and what is left to set up. Public, so nothing of who uses it. */
export function homePage(facts: HomeFacts): string {
  const content = html`
<p class="lead">They sit between your people and your systems: one knows when a customer is hungry, the other what is on an account.</p>
<div class="cards">${facts.platforms.map((platform) => card(platform, facts.publicUrl))}
</div>
${stepsLeft(facts)}
${facts.hasOperatorPages ? FOR_OPERATORS : null}`;
  return page({ title: "Two bots, one small server", content });
}

function card({ description, isSetUp, needingReinstall }: PlatformFacts, publicUrl: string): SafeHtml {
  const { name, title, bot, startPage } = description;
  return html`
<section class="card" aria-labelledby="${name}">
<h2 id="${name}">${bot} <span class="badge cool">${title}</span></h2>
<p>${startPage.does}</p>
${needingReinstall > 0 ? reinstall(title, needingReinstall) : null}
${isSetUp ? html`${installButton(description, publicUrl)}${startPage.howToUse}` : NOT_YET}
</section>`;
}

/** Leads to the host that the installation ends on, or the browser would not bring its cookie. */
function installButton({ title, install }: PlatformDescription, publicUrl: string): SafeHtml | null {
  if (install === null) return null;
  return html`<p><a class="button main" href="${publicUrl}${install.startPath}">Add to ${title}</a></p>`;
}

function reinstall(title: string, count: number): SafeHtml {
  const who = count === 1 ? "One installation needs" : `${count} installations need`;
  return html`
<p class="notice"><strong>${who} a reinstall.</strong> ${title} no longer renews the access that was given. If your bot has gone quiet, add it again.</p>`;
}

const NOT_YET = html`<p class="soft">Not set up yet; the steps are below.</p>`;

const FOR_OPERATORS = html`
<p class="soft small">For the operator: <a href="/status">status</a> and <a href="/crm">accounts</a>.</p>`;
