import type { Answer } from "../answer.ts";
import type { Incoming } from "../incoming.ts";
import type { Licenses } from "./licenses.ts";
import type { TokenBook } from "./tokens.ts";

const redirectsAllowed = 3;
const redirectWindowMs = 30_000;

/** The consent page: whoever is signed in agrees at once and is sent back with a code. */
export function createConsent(context: {
  clientId: string;
  redirectUri: string;
  licenses: Licenses;
  tokens: TokenBook;
}): (incoming: Incoming) => Answer {
  const redirectTimes = new Map<number, number[]>();

  return ({ url }) => {
    const query = url.searchParams;
    const redirectUri = query.get("redirect_uri") ?? "";
    if (query.get("response_type") !== "code") return page(400, "response_type must be code");
    if (query.get("client_id") !== context.clientId) return page(400, "client_id is not known");
    if (!isWithin(redirectUri, context.redirectUri)) return page(400, "redirect_uri is not registered");
    const licenseId = context.licenses.signedIn();
    if (licenseId === undefined) return page(401, "nobody is signed in");
    if (isTooOften(licenseId)) return page(429, "at most 3 redirects in 30 seconds");

    const target = new URL(redirectUri);
    target.searchParams.set("code", context.tokens.createCode(licenseId, redirectUri));
    const state = query.get("state");
    if (state !== null) target.searchParams.set("state", state);
    return { status: 302, headers: { location: target.href } };
  };

  function isTooOften(licenseId: number) {
    const since = Date.now() - redirectWindowMs;
    const recent = (redirectTimes.get(licenseId) ?? []).filter((time) => time > since);
    if (recent.length >= redirectsAllowed) return true;
    redirectTimes.set(licenseId, [...recent, Date.now()]);
    return false;
  }
}

/** Same scheme and host, the registered path contained in the requested one, no query, no fragment. */
function isWithin(requested: string, registered: string): boolean {
  if (!URL.canParse(requested) || /[?#]/.test(requested)) return false;
  const [ours, theirs] = [new URL(registered), new URL(requested)];
  return (
    theirs.protocol === ours.protocol && theirs.host === ours.host && theirs.pathname.includes(ours.pathname)
  );
}

function page(status: number, reason: string): Answer {
  return { status, html: `<!doctype html><title>chat.io</title><p>${reason}</p>` };
}
