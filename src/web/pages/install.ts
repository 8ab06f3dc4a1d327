import { html } from "@remix-run/html-template";
import { page } from "../../pages/layout.ts";

/** What a browser sees at the end of an installation that worked. */
export function installedPage(account: string): string {
  const content = html`
<p class="notice good">The Pizza BOT now works on license <strong>${account}</strong>.</p>
<h2>What happens next</h2>
<p>chat.io logs the bot in. That may take <strong>up to two minutes</strong>; what is written in chats before then does not reach it.</p>
<h2>Try it</h2>
<ol>
<li>Open a chat, as a customer of yours would.</li>
<li>Write something with the word <strong>pizza</strong> in it.</li>
<li>In the agents’ app the bot joins, says “Pizza is on the way!” to the agents alone, and leaves.</li>
</ol>
<p class="row"><a class="button" href="/">Back to the start</a></p>`;
  return page({ title: "The Pizza BOT is installed", content });
}
