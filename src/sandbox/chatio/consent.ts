import { join } from "node:path";
import { type RequestHandler, Router } from "express";
import { type Answer, Refusal } from "../answer.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Incoming } from "../incoming.ts";
import { askForConsent, refuseVisit } from "./consent-pages.ts";
import type { Licenses } from "./licenses.ts";
import type { TokenBook } from "./tokens.ts";

const redirectsAllowed = 3;
const redirectWindowMs = 30_000;

type Visit = { licenseId: number; redirectUri: string; state: string | null };

/** The consent page: whoever is signed in is sent back with a code, at once or after a click. */
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

  // Without the limit of redirects: it ends loops between two sites, and nothing that waits for a click can loop.
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

/** No endpoint, since it is not the platform's: no fault hits it, and it is not among the calls. */
const sendFile: RequestHandler = (req, res) => res.sendFile(join(import.meta.dirname, req.path));

/** Same scheme and host, the registered path contained in the requested one, no query, no fragment. */
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
