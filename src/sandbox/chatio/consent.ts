import { Router } from "express";
import { type ConsentPages, createRedirectLimit, redirectBack, verifyRequest } from "../consent-page.ts";
import { type Answer, type Endpoint, type Incoming, Refusal } from "../endpoint.ts";
import type { Licenses } from "./licenses.ts";
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

type Visit = { licenseId: number; redirectUri: string; state: string | null };

/** The consent page: sends whoever is signed in back with a code, at once or after a click. */
export function createConsent(context: {
  clientId: string;
  redirectUri: string;
  asksForConsent?: boolean;
  licenses: Licenses;
  tokens: TokenBook;
  pages: ConsentPages;
  endpoint: Endpoint;
}): Router {
  const { clientId, licenses, tokens, pages, endpoint } = context;
  const isTooOften = createRedirectLimit<number>();
  const refusal = (status: number, reason: string) => new Refusal(pages.refuse(status, reason));

  function readVisit({ url }: Incoming): Visit {
    const query = url.searchParams;
    const redirectUri = verifyRequest(query, context, refusal);
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
    const account = { label: "License", name: String(licenseId) };
    const email = licenses.entityOf(licenseId);
    return pages.ask({ clientId, email, account, scopes, redirectUri, cancelReturns: true });
  }

  // The limit on redirects ends loops between two sites. What waits for a click cannot loop.
  function decide(incoming: Incoming): Answer {
    const visit = readVisit(incoming);
    const decision = new URLSearchParams(incoming.text).get("decision");
    if (decision === "allow") return allow(visit);
    if (decision !== "cancel") throw refusal(400, "decision must be allow or cancel");
    return redirectBack(visit, {
      error: "access_denied",
      error_description: "The request was cancelled.",
    });
  }

  function allow(visit: Visit): Answer {
    return redirectBack(visit, { code: tokens.createCode(visit.licenseId, visit.redirectUri) });
  }

  const router = Router().use(pages.files);
  if (!context.asksForConsent) return router.get("/", endpoint("authorize", agreeAtOnce));
  return router.get("/", endpoint("authorize", ask)).post("/", endpoint("authorize", decide));
}
