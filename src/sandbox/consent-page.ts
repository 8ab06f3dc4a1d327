import { join } from "node:path";
import { html, type SafeHtml } from "@remix-run/html-template";
import { type RequestHandler, Router } from "express";
import type { Answer } from "./endpoint.ts";

/** What the consent page says. */
export type ConsentRequest = {
  clientId: string;
  /** The e-mail address of the person who is signed in. */
  email: string;
  /** What the app gets access to, for example "License" and "1520". */
  account: { label: string; name: string };
  /** What the app asks for, and what that lets it do, in plain words. */
  scopes: readonly { name: string; meaning: string }[];
  redirectUri: string;
  /** Whether a person who cancels is sent back, too. */
  cancelReturns: boolean;
};

/** The pages of an accounts server on which a person decides about the Pizza BOT. */
export type ConsentPages = {
  /** Serves the style and the icon. They are not the platform's: no fault hits them, and no call is recorded. */
  files: Router;
  /** Asks the person who is signed in. The form is sent to the page's own address with its query. */
  ask(request: ConsentRequest): Answer;
  /** For a visit that cannot be sent back: the caller cannot be trusted, or nobody is signed in. */
  refuse(status: number, reason: string): Answer;
  /** For a person who did not allow it, or may not, and is not sent back. */
  deny(reason: string): Answer;
  /** While somebody lets the stand-in fail. */
  fail(status: number): Answer;
};

/** Creates the consent pages of the platform with this title. Those that end a visit link to the app at `redirectUri`. */
export function createConsentPages(platform: string, redirectUri: string): ConsentPages {
  const app = new URL(redirectUri);
  const end = (status: number, title: string, words: string) => {
    const content = html`<p>${words}</p>
<p><a href="${app.origin}/">Back to ${app.host}</a></p>`;
    return page(platform, { status, title, content, formAction: "'none'" });
  };
  return {
    files: Router().get("/consent.css", sendFile).get("/consent.svg", sendFile),
    ask({ clientId, email, account, scopes, redirectUri, cancelReturns }) {
      const { origin, host } = new URL(redirectUri);
      const title = "Pizza BOT would like to join your chats";
      const content = html`
<p class="account"><span class="avatar" aria-hidden="true">${email.charAt(0).toUpperCase()}</span>
<span>Signed in as <b>${email}</b></span></p>
<dl>
<div><dt>App</dt><dd>Pizza BOT <code>${clientId}</code></dd></div>
<div><dt>${account.label}</dt><dd>${account.name}</dd></div>
</dl>
<h2 id="scopes">If you allow it, the app can</h2>
<ul aria-labelledby="scopes">
${scopes.map(({ name, meaning }) => html`<li>${meaning} <code>${name}</code></li>\n`)}</ul>
<form method="post">
<button name="decision" value="cancel">Cancel</button>
<button name="decision" value="allow" class="primary">Allow</button>
</form>
<p class="hint">${cancelReturns ? "Either way" : "If you allow it,"} you will return to <b>${host}</b>.</p>`;
      return page(platform, { status: 200, title, content, formAction: `'self' ${origin}` });
    },
    refuse: (status, reason) => end(status, "This request cannot be answered", reason),
    deny: (reason) => end(400, "The Pizza BOT was not allowed", reason),
    fail: (status) => end(status, `${platform} does not answer`, failureWords(status)),
  };
}

function failureWords(status: number): string {
  return `This stand-in answers with ${status}, because somebody has switched a failure on. Switch it off, then load this page again.`;
}

/** Whether a redirect URI has the scheme and host and contains the path of the registered one, without query or fragment. */
function isWithin(requested: string, registered: string): boolean {
  if (!URL.canParse(requested) || /[?#]/.test(requested)) return false;
  const [ours, theirs] = [new URL(registered), new URL(requested)];
  return (
    theirs.protocol === ours.protocol && theirs.host === ours.host && theirs.pathname.includes(ours.pathname)
  );
}

/** The redirect URI of a request for a code. Throws what `refusal` makes of a request that is not this app's. */
export function verifyRequest(
  query: URLSearchParams,
  app: { clientId: string; redirectUri: string },
  refusal: (status: number, reason: string) => Error,
): string {
  const redirectUri = query.get("redirect_uri") ?? "";
  if (query.get("response_type") !== "code") throw refusal(400, "response_type must be code");
  if (query.get("client_id") !== app.clientId) throw refusal(400, "client_id is not known");
  if (!isWithin(redirectUri, app.redirectUri)) throw refusal(400, "redirect_uri is not registered");
  return redirectUri;
}

/** Sends the browser back to the app. A state is passed on as it came. */
export function redirectBack(
  { redirectUri, state }: { redirectUri: string; state: string | null },
  fields: Record<string, string>,
): Answer {
  const target = new URL(redirectUri);
  const query = state === null ? fields : { ...fields, state };
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  return { status: 302, headers: { location: target.href } };
}

const redirectsAllowed = 3;
const redirectWindowMs = 30_000;

/** Counts redirects without a click. Returns whether this account has had more than three in 30 seconds. */
export function createRedirectLimit<Account>(): (account: Account) => boolean {
  const redirectTimes = new Map<Account, number[]>();
  return (account) => {
    const since = Date.now() - redirectWindowMs;
    const recent = (redirectTimes.get(account) ?? []).filter((time) => time > since);
    if (recent.length >= redirectsAllowed) return true;
    redirectTimes.set(account, [...recent, Date.now()]);
    return false;
  };
}

const sendFile: RequestHandler = (req, res) => res.sendFile(join(import.meta.dirname, req.path));

/** Browsers check `formAction` also against the redirect that answers a form. */
function page(
  platform: string,
  parts: { status: number; title: string; content: SafeHtml; formAction: string },
): Answer {
  const { status, title, content, formAction } = parts;
  const policy = `default-src 'none'; style-src 'self'; img-src 'self'; form-action ${formAction}`;
  const headers = { "content-security-policy": `${policy}; base-uri 'none'; frame-ancestors 'none'` };
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${platform}</title>
<link rel="stylesheet" href="/consent.css">
<link rel="icon" type="image/svg+xml" href="/consent.svg">
</head>
<body>
<header><img src="/consent.svg" alt="" width="32" height="32"><span>${platform}</span></header>
<main>
<h1>${title}</h1>
${content}
</main>
<footer><p>This is not ${platform} but a stand-in on this machine. Nothing you do here leaves it.</p></footer>
</body>
</html>
`;
  return { status, headers, html: String(text) };
}
