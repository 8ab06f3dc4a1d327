import { html, type SafeHtml } from "@remix-run/html-template";
import { capitalized } from "../../letter-case.ts";
import { page } from "../../pages/layout.ts";
import type { InstallDescription, PlatformDescription } from "../../platforms/platform.ts";

type Described = Pick<PlatformDescription, "bot" | "title" | "missed">;

/** What a browser sees after a successful installation. */
export function installedPage(described: Described, install: InstallDescription, account: string): string {
  const { bot } = described;
  const content = html`
<p class="notice good">The ${bot} now works on ${install.tenant} <strong>${account}</strong>.</p>
${whatNext(described, install)}`;
  return page({ title: `The ${bot} is installed`, content });
}

/** What it sees if it comes back from the consent page once more: nothing is wrong, and nothing was done. */
export function alreadyInstalledPage(
  described: Described,
  install: InstallDescription,
  account: string,
): string {
  const content = html`
<p class="lead">The ${described.bot} is installed on ${install.tenant} <strong>${account}</strong>. Nothing was changed this time.</p>
${whatNext(described, install)}`;
  return page({ title: "This installation is already finished", content });
}

/** What a browser sees that knows of no installation: its own was too long ago, or in another browser. */
export function finishedPage({ bot }: Described, { startPath }: InstallDescription): string {
  const content = html`
<p class="lead">Its last page is shown for an hour, in the browser that installed the ${bot}. If it said that the bot is installed, it is.</p>
<p class="row">${HOME}<a class="button" href="${startPath}">Install the ${bot}</a></p>`;
  return page({ title: "This installation is finished", content });
}

function whatNext({ title, missed }: Described, { tenant, whatNext }: InstallDescription): SafeHtml {
  return html`
<p class="soft small">“${capitalized(tenant)}” is ${title}’s word for a company’s account.</p>
${whatNext}
<p class="soft">Was the bot here before, and had it stopped? ${missed}</p>
<p class="row">${HOME}</p>`;
}

const HOME = html`<a class="button" href="/">The server’s home page</a>`;
