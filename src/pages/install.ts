import { html } from "./html.ts";
import { page } from "./layout.ts";

/** What a browser sees at the end of an installation that worked. */
export function installedPage(licenseId: number): string {
  return page(
    "The Pizza BOT is installed",
    html`
<p>It now works on license <strong>${licenseId}</strong>. chat.io may take up to two minutes to send it the first chat.</p>
<p>Write “pizza” in a chat to see it: the agents are told, the customer is not.</p>
<p><a href="/">Back to the start</a></p>`,
  );
}
