import { html, type SafeHtml } from "@remix-run/html-template";
import { page } from "../../pages/layout.ts";
import type { PlatformDescription } from "../../platforms/platform.ts";

/** What is set up; never the values of settings, since the page is public. */
export type HomeFacts = {
  publicUrl: string;
  /** Where the server listens on its machine. */
  port: number;
  platforms: readonly PlatformFacts[];
  hasOperatorPages: boolean;
  /** Where its visitors come from. */
  back?: Back | undefined;
  /** Whether the platforms are on other machines, and must reach the server from there. */
  needsPublicAddress: boolean;
};

/** A page to lead back to, and what it is: "the demo". */
export type Back = { readonly url: string; readonly name: string };

export type PlatformFacts = {
  description: PlatformDescription;
  isSetUp: boolean;
  /** Whether deliveries can arrive: the bot is installed somewhere, or no problem is known. */
  isConnected: boolean;
  /** On how many tenants its bot is installed. */
  installations: number;
  /** How many of these the platform no longer renews. */
  needingReinstall: number;
};

/** What this server is, how to install its bots, and what is left to set up. Public, so it names none of its users. */
export function homePage(facts: HomeFacts): string {
  const { back } = facts;
  const content = html`
<p class="lead">They connect your people with your systems: one tells agents when a customer is hungry, the other tells the balance of an account.</p>
${back && leadBack(back)}
<div class="cards">${facts.platforms.map((platform) => card(platform, facts.publicUrl))}
</div>
${stepsLeft(facts)}
${facts.hasOperatorPages ? FOR_OPERATORS : null}`;
  return page({ title: "Two bots, one small server", content });
}

function leadBack({ url, name }: Back): SafeHtml {
  return html`
<p class="notice cool">This is the server of ${name}. <a href="${url}">Back to ${name}</a></p>`;
}

function card(facts: PlatformFacts, publicUrl: string): SafeHtml {
  const { description, isSetUp, needingReinstall } = facts;
  const { name, title, bot, startPage } = description;
  return html`
<section class="card" aria-labelledby="${name}">
<h2 id="${name}">${bot} <span class="badge cool">${title}</span></h2>
<p>${startPage.does}</p>
${needingReinstall > 0 ? reinstall(title, needingReinstall) : null}
${isSetUp ? html`${installing(facts, publicUrl)}${startPage.howToUse}` : NOT_YET}
</section>`;
}

/** Links to the host where the installation ends; on another host the browser would not send its cookie back. */
function installing(
  { description: { title, install }, installations }: PlatformFacts,
  publicUrl: string,
): SafeHtml | null {
  if (install === null) return null;
  const { startPath, tenant } = install;
  const url = publicUrl + startPath;
  if (installations === 0) return html`<p><a class="button main" href="${url}">Add to ${title}</a></p>`;
  const where = installations === 1 ? tenant : `${tenant}s`;
  return html`<p><span class="badge good">Installed on ${installations} ${where}.</span></p>
<p><a class="button" href="${url}">Install on another ${tenant}</a></p>`;
}

function reinstall(title: string, count: number): SafeHtml {
  const who = count === 1 ? "One installation needs" : `${count} installations need`;
  return html`
<p class="notice"><strong>${who} a reinstall.</strong> ${title} no longer renews the bot’s access. If your bot has gone quiet, install it again.</p>`;
}

const NOT_YET = html`<p class="soft">Not set up yet. The steps are below.</p>`;

const FOR_OPERATORS = html`
<p class="soft small">For operators: <a href="/status">status</a> and <a href="/crm">accounts</a>.</p>`;

type ShownStep = {
  isDone: boolean;
  name: string;
  how: SafeHtml;
  /** Whether it ends with settings of the server. */
  takesSettings: boolean;
};

/** The steps of the set-up in order, with those that are done ticked off; null once all are done. */
function stepsLeft(facts: HomeFacts): SafeHtml | null {
  const steps = stepsOf(facts);
  const left = steps.filter(({ isDone }) => !isDone);
  const [next] = left;
  if (!next) return null;
  return html`
<section class="card" aria-labelledby="left">
<h2 id="left">What is left to set up</h2>
<p>${left.some(({ takesSettings }) => takesSettings) ? PUT_SETTINGS : null}If you need only one of the platforms, skip the steps of the others.</p>
${facts.platforms.some(({ isSetUp }) => isSetUp) ? null : DEMO}
<ol class="steps">${steps.map((step) => listItem(step, step === next))}
</ol>
</section>`;
}

const PUT_SETTINGS = html`Put settings into the file <code>.env</code>; they take effect at the next start. `;

function listItem({ isDone, name, how }: ShownStep, isNext: boolean): SafeHtml {
  if (isDone)
    return html`
<li class="done"><h3>${name} <span class="badge good">done</span></h3></li>`;
  return html`
<li class="${isNext ? "next" : "later"}"${isNext ? html` aria-current="step"` : null}><h3>${name}</h3>
${how}</li>`;
}

function stepsOf({
  publicUrl,
  port,
  platforms,
  hasOperatorPages,
  needsPublicAddress,
}: HomeFacts): ShownStep[] {
  const ofPlatforms = platforms.flatMap(({ description, isSetUp, isConnected }) => {
    const { settings, connection } = description.startPage;
    return [
      { name: settings.name, isDone: isSetUp, how: settings.how(publicUrl), takesSettings: true },
      { name: connection.name, isDone: isConnected, how: connection.how(publicUrl), takesSettings: false },
    ];
  });
  const publicAddress = {
    name: "A public address",
    isDone: publicUrl.startsWith("https:"),
    how: address(port),
    takesSettings: true,
  };
  return [
    ...(needsPublicAddress ? [publicAddress] : []),
    ...ofPlatforms,
    {
      name: "A password for the operator’s pages",
      isDone: hasOperatorPages,
      how: PASSWORD,
      takesSettings: true,
    },
  ];
}

const DEMO = html`
<p>Just curious? <code>npm run demo</code> shows the bots at work on your own machine; it needs no account.</p>`;

const address = (port: number) => html`
<p>The platforms must reach the server by https. On your own machine, <code>ngrok http ${port}</code> creates an address, and the server finds it by itself. Anywhere else, set it here.</p>
<dl><dt><code>PUBLIC_URL</code></dt><dd>the address, such as https://bots.example.com</dd></dl>`;

const PASSWORD = html`
<p>These pages show the state of the server and look up accounts.</p>
<dl><dt><code>ADMIN_PASSWORD</code></dt><dd>a long random password</dd></dl>`;
