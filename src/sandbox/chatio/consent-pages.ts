import { html, type SafeHtml } from "@remix-run/html-template";
import type { Answer } from "../answer.ts";
import { scopes } from "./scopes.ts";

/** Asks whoever is signed in; the form goes to the page's own address, query included. */
export function askForConsent(asked: {
  clientId: string;
  licenseId: number;
  /** The e-mail address of who is signed in. */
  entityId: string;
  redirectUri: string;
}): Answer {
  const { origin, host } = new URL(asked.redirectUri);
  const title = "Pizza BOT would like to join your chats";
  const content = html`
<p class="account"><span class="avatar" aria-hidden="true">${asked.entityId.charAt(0).toUpperCase()}</span>
<span>Signed in as <b>${asked.entityId}</b></span></p>
<dl>
<div><dt>App</dt><dd>Pizza BOT <code>${asked.clientId}</code></dd></div>
<div><dt>License</dt><dd>${asked.licenseId}</dd></div>
</dl>
<h2 id="scopes">If you allow it, the app can</h2>
<ul aria-labelledby="scopes">
${scopes.map(({ name, meaning }) => html`<li>${meaning} <code>${name}</code></li>\n`)}</ul>
<form method="post">
<button name="decision" value="cancel">Cancel</button>
<button name="decision" value="allow" class="primary">Allow</button>
</form>
<p class="hint">Either way you are sent back to <b>${host}</b>.</p>`;
  return page({ status: 200, title, content, formAction: `'self' ${origin}` });
}

/** What a visit gets that cannot be sent back, because whoever asks cannot be trusted or nobody can answer. */
export function refuseVisit(status: number, reason: string): Answer {
  const title = "This request cannot be answered";
  return page({ status, title, content: html`<p>${reason}</p>`, formAction: "'none'" });
}

/** Browsers hold a form to `formAction` also where its answer redirects. */
function page(parts: { status: number; title: string; content: SafeHtml; formAction: string }): Answer {
  const { status, title, content, formAction } = parts;
  const policy = `default-src 'none'; style-src 'self'; img-src 'self'; form-action ${formAction}`;
  const headers = { "content-security-policy": `${policy}; base-uri 'none'; frame-ancestors 'none'` };
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · chat.io</title>
<link rel="stylesheet" href="/consent.css">
<link rel="icon" type="image/svg+xml" href="/consent.svg">
</head>
<body>
<header><img src="/consent.svg" alt="" width="32" height="32"><span>chat.io</span></header>
<main>
<h1>${title}</h1>
${content}
</main>
<footer><p>This is not chat.io but a stand-in for it, which runs on this machine. Nothing you do here leaves it.</p></footer>
</body>
</html>
`;
  return { status, headers, html: String(text) };
}
