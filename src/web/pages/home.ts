import { html, type SafeHtml } from "@remix-run/html-template";
import { page } from "../../pages/layout.ts";
import { type SetUp, stepsLeft } from "./steps.ts";

export type HomeFacts = SetUp & {
  /** Where the installation begins: on the host that it ends on, or the browser would not bring its cookie. */
  installUrl: string;
  /** Installations that chat.io does not renew any more. */
  needingReinstall: number;
};

/** What this server is, how to install its bot, and what is left to set up. Public, so nothing of who uses it. */
export function homePage(facts: HomeFacts): string {
  const content = html`
<p class="lead">They sit between your people and your systems: one knows when a customer is hungry, the other what is on an account.</p>
<div class="cards">
${chatioCard(facts)}
${webexCard(facts)}
</div>
${stepsLeft(facts)}
${facts.hasOperatorPages ? FOR_OPERATORS : null}`;
  return page({ title: "Two bots, one small server", content });
}

function chatioCard({ hasChatio, installUrl, needingReinstall }: HomeFacts): SafeHtml {
  return html`
<section class="card" aria-labelledby="chatio">
<h2 id="chatio">Pizza BOT <span class="badge cool">chat.io</span></h2>
<p>When anybody in a chat asks for pizza, the agents are told that it is on the way. The customer is not.</p>
${needingReinstall > 0 ? reinstall(needingReinstall) : null}
${
  hasChatio
    ? html`<p><a class="button main" href="${installUrl}">Add to chat.io</a></p>
<p class="soft small">You sign in at chat.io, and within two minutes the bot is at work. To renew an installation, add it again.</p>`
    : NOT_YET
}
</section>`;
}

function webexCard({ hasWebex }: HomeFacts): SafeHtml {
  return html`
<section class="card" aria-labelledby="webex">
<h2 id="webex">globobot <span class="badge cool">Webex</span></h2>
<p>Tells the balance of an account, in a room that it is a member of or 1:1, to whoever may ask.</p>
${
  hasWebex
    ? html`<p>Mention it, with the account ID as the last word:</p>
<p><code>@globobot what is the balance for acct100</code></p>`
    : NOT_YET
}
</section>`;
}

function reinstall(count: number): SafeHtml {
  const who = count === 1 ? "One installation needs" : `${count} installations need`;
  return html`
<p class="notice"><strong>${who} a reinstall.</strong> chat.io no longer renews the access that was given. If your bot has gone quiet, add it again.</p>`;
}

const NOT_YET = html`<p class="soft">Not set up yet; the steps are below.</p>`;

const FOR_OPERATORS = html`
<p class="soft small">For the operator: <a href="/status">status</a> and <a href="/crm">accounts</a>.</p>`;
