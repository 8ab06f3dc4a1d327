import { html, type SafeHtml } from "@remix-run/html-template";

/** How far the server is set up. Whether, never with what: that is nobody's business. */
export type SetUp = {
  publicUrl: string;
  hasChatio: boolean;
  /** Whether the Pizza BOT is installed on a license. */
  isInstalled: boolean;
  hasWebex: boolean;
  /** Whether Webex is known to bring messages here. */
  hasWebhooks: boolean;
  hasOperatorPages: boolean;
};

type Step = { isDone: boolean; name: string; how: SafeHtml };

/** What is left to set up, in order, the done steps ticked off; nothing when nothing is left. */
export function stepsLeft(setUp: SetUp): SafeHtml | null {
  const steps = stepsOf(setUp);
  const next = steps.find(({ isDone }) => !isDone);
  if (!next) return null;
  return html`
<section class="card" aria-labelledby="left">
<h2 id="left">What is left to set up</h2>
<p>Settings go into the file <code>.env</code>, and count from the next start on. Do you need only one of the bots? Skip the other one's steps.</p>
${setUp.hasChatio || setUp.hasWebex ? null : DEMO}
<ol class="steps">${steps.map((step) => listItem(step, step === next))}
</ol>
</section>`;
}

function listItem({ isDone, name, how }: Step, isNext: boolean): SafeHtml {
  if (isDone)
    return html`
<li class="done"><h3>${name} <span class="badge good">done</span></h3></li>`;
  return html`
<li class="${isNext ? "next" : "later"}"${isNext ? html` aria-current="step"` : null}><h3>${name}</h3>
${how}</li>`;
}

function stepsOf(setUp: SetUp): Step[] {
  return [
    { name: "A public address", isDone: setUp.publicUrl.startsWith("https:"), how: ADDRESS },
    { name: "An app at chat.io", isDone: setUp.hasChatio, how: chatioApp(setUp.publicUrl) },
    { name: "The Pizza BOT on your license", isDone: setUp.isInstalled, how: INSTALL },
    { name: "A bot at Webex", isDone: setUp.hasWebex, how: WEBEX_BOT },
    { name: "Messages from Webex", isDone: setUp.hasWebhooks, how: WEBHOOKS },
    { name: "A password for the operator’s pages", isDone: setUp.hasOperatorPages, how: PASSWORD },
  ];
}

const DEMO = html`
<p>Just curious? <code>npm run demo</code> shows both bots at work on your own machine, without any account.</p>`;

const ADDRESS = html`
<p>The platforms have to reach the server by https. On your own machine <code>ngrok http 5000</code> (or your <code>PORT</code>) makes an address, and the server finds it by itself; anywhere else, say which one it is.</p>
<dl><dt><code>PUBLIC_URL</code></dt><dd>the address, such as https://bots.example.com</dd></dl>`;

function chatioApp(publicUrl: string): SafeHtml {
  return html`
<p>Make a server-side app in the <a href="https://developers.chat.io/console/">chat.io developers console</a>, with the redirect URI <code>${publicUrl}/token</code> and the scopes <code>agents-bot--my:write</code>, <code>agents-bot--my:read</code> and <code>chats.conversation--all:write</code>.</p>
<dl><dt><code>CHATIO_CLIENT_ID</code>, <code>CHATIO_CLIENT_SECRET</code></dt><dd>both stand on the app’s page in the console</dd></dl>`;
}

const INSTALL = html`
<p>Once the app is set, use the button “Add to chat.io” at the top of this page, and allow the app there.</p>`;

const WEBEX_BOT = html`
<p>On <a href="https://developer.webex.com/my-apps">developer.webex.com</a> choose “Create a New App”, then “Create a Bot”.</p>
<dl><dt><code>WT_API_TOKEN</code></dt><dd>the bot’s access token, shown once when it has been made</dd>
<dt><code>WT_WEBHOOK_SECRET</code></dt><dd>proves that a message comes from Webex; make one with <code>openssl rand -hex 32</code></dd>
<dt><code>WT_ALLOWED_SENDERS</code></dt><dd>who may ask for balances: e-mails and @domains, separated by commas</dd></dl>`;

const WEBHOOKS = html`
<p>Tell Webex to bring the bot’s messages here: <code>npm run webhooks -- add</code>. The server looks for them at its start and every five minutes.</p>`;

const PASSWORD = html`
<p>They show how everything is going, and look accounts up.</p>
<dl><dt><code>ADMIN_PASSWORD</code></dt><dd>a long one of your own making</dd></dl>`;
