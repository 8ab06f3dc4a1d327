import { html } from "@remix-run/html-template";
import type { PlatformDescription } from "../platform.ts";

export const CHATIO = {
  name: "chatio",
  title: "chat.io",
  bot: "Pizza BOT",
  webhookPath: "/webhook",
  notSetUp: "chat.io is not set up on this server: CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET are missing.",
  missed:
    "What was written meanwhile did not arrive, and chat.io does not deliver it again. Ask people to write again.",
  install: {
    startPath: "/install",
    finishPath: "/token",
    tenant: "license",
    console: "chat.io developers console",
    credentials: "CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET",
    whatNext: html`
<h2>What happens next</h2>
<p>chat.io logs the bot in. This may take <strong>up to two minutes</strong>. It does not see messages written before then.</p>
<h2>Try it</h2>
<ol>
<li>Open a chat as a customer would.</li>
<li>Write a message with the word <strong>pizza</strong>, or with a word from your own rules.</li>
<li>In the agents’ app, the bot joins, replies (“Pizza is on the way!” goes only to the agents), and leaves.</li>
</ol>`,
    // As in RFC 6749, 4.1.2.1 and 5.2.
    obstacles: {
      access_denied: "refused",
      invalid_grant: "stale_code",
      invalid_client: "unknown_app",
      unauthorized_client: "unknown_app",
    },
    mayHaveEmptyState: false,
  },
  startPage: {
    does: "The same bot for servers that still speak chat.io’s API. chat.io itself closed in 2018 and became LiveChat.",
    howToUse: html`
<p class="soft small">You sign in at chat.io with your license, which is your company’s account; the bot starts work within two minutes. To renew an installation, install again.</p>`,
    settings: {
      name: "An app at chat.io",
      how: (publicUrl) => html`
<p>chat.io closed in 2018: skip this unless a server of yours still speaks its API. Create a server-side app in the <a href="https://developers.chat.io/console/">chat.io developers console</a>, with the redirect URI <code>${publicUrl}/token</code> and the scopes <code>agents-bot--my:write</code>, <code>agents-bot--my:read</code> and <code>chats.conversation--all:write</code>.</p>
<dl><dt><code>CHATIO_CLIENT_ID</code>, <code>CHATIO_CLIENT_SECRET</code></dt><dd>from the app’s page in the console</dd></dl>`,
    },
    connection: {
      name: "The Pizza BOT on your license",
      how: () => html`
<p>Once the app is set up, use the button “Add to chat.io” at the top of this page, and allow the app there.</p>`,
    },
  },
} satisfies PlatformDescription;
