import { html } from "@remix-run/html-template";
import type { PlatformDescription } from "../platform.ts";

export const LIVECHAT = {
  name: "livechat",
  title: "LiveChat",
  bot: "Pizza BOT",
  webhookPath: "/livechat/webhook",
  notSetUp:
    "LiveChat is not set up on this server: LIVECHAT_CLIENT_ID, LIVECHAT_CLIENT_SECRET and LIVECHAT_WEBHOOK_SECRET are missing.",
  missed:
    "What was written meanwhile did not arrive; LiveChat repeats a delivery for about a minute only. Ask people to write again.",
  install: {
    startPath: "/livechat/install",
    finishPath: "/livechat/token",
    tenant: "organization",
    console: "text.com developer console",
    credentials: "LIVECHAT_CLIENT_ID and LIVECHAT_CLIENT_SECRET",
    whatNext: html`
<h2>What happens next</h2>
<p>The bot is in all groups, as a supervisor. LiveChat may take <strong>up to two minutes</strong> to let it into chats.</p>
<h2>Try it</h2>
<ol>
<li>Open a chat as a customer would.</li>
<li>Write a message with the word <strong>pizza</strong>, or with a word from your own rules.</li>
<li>In the agents’ app, the bot joins, replies (“Pizza is on the way!” goes only to the agents), and leaves.</li>
</ol>`,
    // A used code is said to be refused as unauthorized_client, like an app that is not known.
    obstacles: {
      access_denied: "refused",
      missing_grant: "refused",
      invalid_scope: "not_administrator",
      invalid_grant: "stale_code_or_app",
      unauthorized_client: "stale_code_or_app",
      invalid_client: "unknown_app",
    },
    mayHaveEmptyState: true,
  },
  startPage: {
    does: "When somebody in a chat asks for pizza, the bot tells the agents that it is on the way. The customer does not see this. For other words and replies, write your own rules.",
    howToUse: html`
<p class="soft small">You sign in at LiveChat as an administrator of your organization, which is your company’s account; the bot starts work within two minutes. To renew an installation, install again.</p>`,
    settings: {
      name: "An app at LiveChat",
      how: (publicUrl) => html`
<p>Create an app for LiveChat in the <a href="https://platform.text.com/console">text.com developer console</a>. In its block “App Authorization” choose the server-side type, enter <code>${publicUrl}/livechat/token</code> as the direct installation URL and in the redirect URI whitelist, and add the scopes <code>agents-bot--my:rw</code>, <code>groups--all:ro</code> and <code>webhooks.state:rw</code>.</p>
<dl><dt><code>LIVECHAT_CLIENT_ID</code>, <code>LIVECHAT_CLIENT_SECRET</code></dt><dd>from that block; copy the secret at once, since it may not be shown again</dd>
<dt><code>LIVECHAT_WEBHOOK_SECRET</code></dt><dd>proves that a chat event comes from LiveChat; create one with <code>openssl rand -hex 32</code></dd></dl>`,
    },
    connection: {
      name: "The Pizza BOT in your organization",
      how: (publicUrl) => html`
<p>In the app’s block “Chat Webhooks” enter the URL <code>${publicUrl}/livechat/webhook</code>, your <code>LIVECHAT_WEBHOOK_SECRET</code> as the secret key, and the triggers <code>incoming_chat</code> and <code>incoming_event</code>. Or create a personal access token with the scope <code>webhooks.configuration:rw</code>, put <code>&lt;account id&gt;:&lt;token&gt;</code> into <code>LIVECHAT_PAT</code>, and run <code>npm run webhooks -- add livechat</code>.</p>
<p>Then use the button “Add to LiveChat” at the top of this page, and allow the app there.</p>`,
    },
  },
} satisfies PlatformDescription;
