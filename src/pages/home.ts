import { type Html, html } from "./html.ts";
import { page } from "./layout.ts";

export type HomeFacts = {
  /** Where the installation begins: on the host that it ends on, or the browser would not bring its cookie. */
  installUrl: string;
  hasChatio: boolean;
  hasWebex: boolean;
  /** Installations that chat.io does not renew any more. */
  needingReinstall: number;
};

/** What this server is, how to install its bot, and what is missing. Public, so nothing of who uses it. */
export function homePage({ installUrl, hasChatio, hasWebex, needingReinstall }: HomeFacts): string {
  return page(
    "Two bots, one small server",
    html`
<p>The <strong>Pizza BOT</strong> tells chat.io agents when somebody in a chat asks for pizza. <strong>globobot</strong> tells account balances in Webex.</p>
${hasChatio || hasWebex ? null : html`<p>Nothing is set up yet. To see both bots work on your own machine, without any account, run <code>npm run demo</code>.</p>`}
<h2>Pizza BOT for chat.io</h2>
${needingReinstall === 0 ? null : reinstall(needingReinstall)}
${hasChatio ? install(installUrl) : CHATIO_MISSING}
<h2>globobot for Webex</h2>
${hasWebex ? ASK : WEBEX_MISSING}
`,
  );
}

function reinstall(count: number): Html {
  const who = count === 1 ? "One installation needs" : `${count} installations need`;
  return html`
<p class="notice"><strong>${who} a reinstall.</strong> chat.io no longer renews the access that was given. If your bot has gone quiet, install it again.</p>`;
}

function install(url: string): Html {
  return html`
<p>Install it on your license. You sign in at chat.io, and the bot is ready a moment later. To renew an installation, install it again.</p>
<p><a class="button" href="${url}">Install the Pizza BOT</a></p>`;
}

const CHATIO_MISSING: Html = html`
<p>Not set up. Make a server-side app in the <a href="https://developers.chat.io/console/">chat.io developers console</a> and put its client id and secret into <code>CHATIO_CLIENT_ID</code> and <code>CHATIO_CLIENT_SECRET</code>. The README says which redirect URI and scopes the app needs.</p>`;

const ASK: Html = html`
<p>Mention it in a Webex room that it is a member of, with the account ID as the last word:<br><code>@globobot what is the balance for acct100</code></p>`;

const WEBEX_MISSING: Html = html`
<p>Not set up. Make a bot on <a href="https://developer.webex.com/my-apps">developer.webex.com</a> and put its token into <code>WT_API_TOKEN</code>. The README says how to add the webhook.</p>`;
