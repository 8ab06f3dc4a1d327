import { join } from "node:path";
import { html, type SafeHtml } from "@remix-run/html-template";
import { type RequestHandler, Router } from "express";
import { type Answer, type Endpoint, type Incoming, Refusal } from "../endpoint.ts";
import type { Licenses } from "./people.ts";
import type { TokenBook } from "./tokens.ts";

/** What the app in the developers console asks for, and what that lets it do, in plain words. */
export const scopes = [
  { name: "agents-bot--my:write", meaning: "Create, change and remove its own bot agents" },
  { name: "agents-bot--my:read", meaning: "See its own bot agents" },
  {
    name: "chats.conversation--all:write",
    meaning: "Join, write in and leave any chat of the license",
  },
];

const redirectsAllowed = 3;
const redirectWindowMs = 30_000;

type Visit = { licenseId: number; redirectUri: string; state: string | null };

/** The consent page: sends whoever is signed in back with a code, at once or after a click. */
export function createConsent(context: {
  clientId: string;
  redirectUri: string;
  asksForConsent?: boolean;
  licenses: Licenses;
  tokens: TokenBook;
  endpoint: Endpoint;
}): Router {
  const { clientId, licenses, tokens, endpoint } = context;
  const redirectTimes = new Map<number, number[]>();

  function readVisit({ url }: Incoming): Visit {
    const query = url.searchParams;
    const redirectUri = query.get("redirect_uri") ?? "";
    if (query.get("response_type") !== "code") throw refusal(400, "response_type must be code");
    if (query.get("client_id") !== clientId) throw refusal(400, "client_id is not known");
    if (!isWithin(redirectUri, context.redirectUri)) throw refusal(400, "redirect_uri is not registered");
    const licenseId = licenses.signedIn();
    if (licenseId === undefined) throw refusal(401, "nobody is signed in");
    return { licenseId, redirectUri, state: query.get("state") };
  }

  function agreeAtOnce(incoming: Incoming): Answer {
    const visit = readVisit(incoming);
    if (isTooOften(visit.licenseId)) throw refusal(429, "at most 3 redirects in 30 seconds");
    return allow(visit);
  }

  function ask(incoming: Incoming): Answer {
    const { licenseId, redirectUri } = readVisit(incoming);
    return askForConsent({ clientId, licenseId, entityId: licenses.entityOf(licenseId), redirectUri });
  }

  // The limit on redirects ends loops between two sites. What waits for a click cannot loop.
  function decide(incoming: Incoming): Answer {
    const visit = readVisit(incoming);
    const decision = new URLSearchParams(incoming.text).get("decision");
    if (decision === "allow") return allow(visit);
    if (decision !== "cancel") throw refusal(400, "decision must be allow or cancel");
    return sendBack(visit, { error: "access_denied", error_description: "The request was cancelled." });
  }

  function allow(visit: Visit): Answer {
    return sendBack(visit, { code: tokens.createCode(visit.licenseId, visit.redirectUri) });
  }

  function isTooOften(licenseId: number) {
    const since = Date.now() - redirectWindowMs;
    const recent = (redirectTimes.get(licenseId) ?? []).filter((time) => time > since);
    if (recent.length >= redirectsAllowed) return true;
    redirectTimes.set(licenseId, [...recent, Date.now()]);
    return false;
  }

  const router = Router().get("/consent.css", sendFile).get("/consent.svg", sendFile);
  if (!context.asksForConsent) return router.get("/", endpoint("authorize", agreeAtOnce));
  return router.get("/", endpoint("authorize", ask)).post("/", endpoint("authorize", decide));
}

/** Not the platform's, so not an endpoint: no fault hits it, and it is not recorded. */
const sendFile: RequestHandler = (req, res) => res.sendFile(join(import.meta.dirname, req.path));

/** Same scheme and host, the registered path within the requested one, no query, no fragment. */
function isWithin(requested: string, registered: string): boolean {
  if (!URL.canParse(requested) || /[?#]/.test(requested)) return false;
  const [ours, theirs] = [new URL(registered), new URL(requested)];
  return (
    theirs.protocol === ours.protocol && theirs.host === ours.host && theirs.pathname.includes(ours.pathname)
  );
}

function sendBack({ redirectUri, state }: Visit, fields: Record<string, string>): Answer {
  const target = new URL(redirectUri);
  const query = state === null ? fields : { ...fields, state };
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  return { status: 302, headers: { location: target.href } };
}

function refusal(status: number, reason: string): Refusal {
  return new Refusal(refuseVisit(status, reason));
}

/** Asks the person who is signed in. The form is sent to the page's own address with its query. */
function askForConsent(asked: {
  clientId: string;
  licenseId: number;
  /** The person's e-mail address. */
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
<p class="hint">Either way you will return to <b>${host}</b>.</p>`;
  return page({ status: 200, title, content, formAction: `'self' ${origin}` });
}

/** The page for a visit that cannot be sent back: the caller cannot be trusted, or nobody is signed in. */
function refuseVisit(status: number, reason: string): Answer {
  const title = "This request cannot be answered";
  return page({ status, title, content: html`<p>${reason}</p>`, formAction: "'none'" });
}

/** Browsers check `formAction` also against the redirect that answers a form. */
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
<footer><p>This is not chat.io but a stand-in on this machine. Nothing you do here leaves it.</p></footer>
</body>
</html>
`;
  return { status, headers, html: String(text) };
}
