import { html, type SafeHtml } from "@remix-run/html-template";
import type { HomeFacts } from "./home.ts";

type ShownStep = { isDone: boolean; name: string; how: SafeHtml };

/** What is left to set up, in order, the done steps ticked off; nothing when nothing is left. */
export function stepsLeft(facts: HomeFacts): SafeHtml | null {
  const steps = stepsOf(facts);
  const next = steps.find(({ isDone }) => !isDone);
  if (!next) return null;
  return html`
<section class="card" aria-labelledby="left">
<h2 id="left">What is left to set up</h2>
<p>Settings go into the file <code>.env</code>, and count from the next start on. Do you need only one of the platforms? Skip the steps of the others.</p>
${facts.platforms.some(({ isSetUp }) => isSetUp) ? null : DEMO}
<ol class="steps">${steps.map((step) => listItem(step, step === next))}
</ol>
</section>`;
}

function listItem({ isDone, name, how }: ShownStep, isNext: boolean): SafeHtml {
  if (isDone)
    return html`
<li class="done"><h3>${name} <span class="badge good">done</span></h3></li>`;
  return html`
<li class="${isNext ? "next" : "later"}"${isNext ? html` aria-current="step"` : null}><h3>${name}</h3>
${how}</li>`;
}

function stepsOf({ publicUrl, platforms, hasOperatorPages }: HomeFacts): ShownStep[] {
  const ofPlatforms = platforms.flatMap(({ description, isSetUp, isConnected }) => {
    const { settings, connection } = description.startPage;
    return [
      { name: settings.name, isDone: isSetUp, how: settings.how(publicUrl) },
      { name: connection.name, isDone: isConnected, how: connection.how(publicUrl) },
    ];
  });
  return [
    { name: "A public address", isDone: publicUrl.startsWith("https:"), how: ADDRESS },
    ...ofPlatforms,
    { name: "A password for the operator’s pages", isDone: hasOperatorPages, how: PASSWORD },
  ];
}

const DEMO = html`
<p>Just curious? <code>npm run demo</code> shows the bots at work on your own machine, without any account.</p>`;

const ADDRESS = html`
<p>The platforms have to reach the server by https. On your own machine <code>ngrok http 5000</code> (or your <code>PORT</code>) makes an address, and the server finds it by itself; anywhere else, say which one it is.</p>
<dl><dt><code>PUBLIC_URL</code></dt><dd>the address, such as https://bots.example.com</dd></dl>`;

const PASSWORD = html`
<p>They show how everything is going, and look accounts up.</p>
<dl><dt><code>ADMIN_PASSWORD</code></dt><dd>a long one of your own making</dd></dl>`;
