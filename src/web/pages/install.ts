import { html } from "@remix-run/html-template";
import { page } from "../../pages/layout.ts";
import type { InstallDescription, PlatformDescription } from "../../platforms/platform.ts";

/** What a browser sees at the end of an installation that worked. */
export function installedPage(
  { bot }: Pick<PlatformDescription, "bot">,
  { tenant, whatNext }: InstallDescription,
  account: string,
): string {
  const content = html`
<p class="notice good">The ${bot} now works on ${tenant} <strong>${account}</strong>.</p>
${whatNext}
<p class="row"><a class="button" href="/">Back to the start</a></p>`;
  return page({ title: `The ${bot} is installed`, content });
}
