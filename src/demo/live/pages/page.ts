import { html, type SafeHtml } from "@remix-run/html-template";
import { page } from "../../../pages/layout.ts";
import type { View } from "../view.ts";
import { agentsPane, customerPane } from "./chat-panes.ts";
import { inboxCard } from "./inbox.ts";
import { roomPane } from "./room-pane.ts";
import { steps } from "./steps.ts";
import { switches } from "./switches.ts";
import { wireCard } from "./wire.ts";

/** The whole page of the demo. */
export function livePage(view: View): string {
  const content = html`
<p class="lead">A real server, between stand-ins for chat.io and Webex, all on this machine. You speak for the people; what you see really happens.</p>
${WITHOUT_SCRIPTS}
${steps(view)}
${switches(view)}
<div class="demo">
<div class="panes">
${customerPane(view)}
${agentsPane(view)}
${roomPane(view)}
</div>
<div class="inside">
${inboxCard(view)}
${wireCard(view)}
</div>
</div>`;
  return page({
    title: "See both bots at work",
    content,
    links: serverLinks(view),
    isWide: true,
    style: "/demo.css",
    live: { events: "/events" },
  });
}

function serverLinks({ serverUrl }: View): SafeHtml {
  return html`<a href="${serverUrl}/" target="_blank" rel="noopener">The server’s own pages <span aria-hidden="true">↗</span><span class="unseen"> (new tab)</span></a>`;
}

const WITHOUT_SCRIPTS = html`
<noscript><p class="notice">Without JavaScript the page does not move by itself. <a href="/">Bring it up to date</a></p></noscript>`;
