import { html } from "@remix-run/html-template";
import type { PlatformDescription } from "../platform.ts";

export const WEBEX: PlatformDescription = {
  name: "webex",
  title: "Webex",
  bot: "globobot",
  webhookPath: "/wtwebhook",
  notSetUp: "Webex is not set up on this server: WT_API_TOKEN is missing.",
  install: null,
  missed:
    "What was written meanwhile did not arrive, and Webex does not deliver it again. Ask people to write again.",
  startPage: {
    does: "Tells the balance of an account to people who may ask for it, in rooms or 1:1.",
    howToUse: html`
<p>Mention it, with the account ID as the last word:</p>
<p><code>@globobot what is the balance for acct100</code></p>`,
    settings: {
      name: "A bot at Webex",
      how: () => html`
<p>On <a href="https://developer.webex.com/my-apps">developer.webex.com</a> choose “Create a New App”, then “Create a Bot”.</p>
<dl><dt><code>WT_API_TOKEN</code></dt><dd>the bot’s access token, shown only once</dd>
<dt><code>WT_WEBHOOK_SECRET</code></dt><dd>proves that a delivery comes from Webex; create one with <code>openssl rand -hex 32</code></dd>
<dt><code>WT_ALLOWED_SENDERS</code></dt><dd>who may ask for balances: e-mail addresses and @domains, separated by commas</dd></dl>`,
    },
    connection: {
      name: "Messages from Webex",
      how: () => html`
<p>Tell Webex to send the bot’s messages here: <code>npm run webhooks -- add</code>. The server checks this when it starts and every five minutes.</p>`,
    },
  },
};
