import { html, type SafeHtml } from "@remix-run/html-template";
import { ASSETS } from "./assets.ts";

/** How a page stays up to date: it polls at this interval in ms, or listens to events at this address. */
export type Live = { refreshMs: number } | { events: string };

export type Page = {
  title: string;
  /** The heading, where it differs from the title. */
  heading?: SafeHtml;
  content: SafeHtml;
  /** Links to other pages, shown at the top. */
  links?: SafeHtml;
  /** For tables and panes, which need more room than text. */
  isWide?: boolean;
  live?: Live;
  /** The address of an additional style sheet. */
  style?: string;
  /** What a live page says when it no longer hears from its server. */
  unheard?: string;
};

const UNHEARD = "The server does not answer. What you see may be out of date.";

/** Renders a whole page. Everything put into it is escaped, unless it is SafeHtml. */
export function page({
  title,
  heading,
  content,
  links,
  isWide = false,
  live,
  style,
  unheard = UNHEARD,
}: Page): string {
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · chatops-server</title>
<link rel="stylesheet" href="${ASSETS}/style.css">
${style ? html`<link rel="stylesheet" href="${style}">` : null}
<link rel="icon" type="image/svg+xml" href="${ASSETS}/icon.svg">
${live && liveHead(live)}
</head>
<body>
<header class="top">
<a class="brand" href="/"><img src="${ASSETS}/icon.svg" alt="" width="28" height="28">chatops-server</a>
${links && html`<nav aria-label="Pages">${links}</nav>`}
</header>
${
  live &&
  html`
<p id="unheard" class="notice bad" role="alert" hidden>${unheard}</p>`
}
<main class="${isWide ? "wide" : "narrow"}"${live && liveData(live)}>
<h1>${heading ?? title}</h1>
${content}
</main>
</body>
</html>
`);
}

/** Without scripts, a polling page reloads as a whole, and less often, since that scrolls to the top. */
function liveHead(live: Live): SafeHtml {
  const reload = html`<noscript><meta http-equiv="refresh" content="30"></noscript>`;
  return html`<script type="module" src="${ASSETS}/live.js"></script>${"refreshMs" in live ? reload : null}`;
}

function liveData(live: Live): SafeHtml {
  return "events" in live ? html` data-events="${live.events}"` : html` data-refresh-ms="${live.refreshMs}"`;
}
