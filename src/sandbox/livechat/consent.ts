import { Router } from "express";
import { type ConsentPages, createRedirectLimit, redirectBack, verifyRequest } from "../consent-page.ts";
import { type Answer, type Endpoint, type Incoming, Refusal } from "../endpoint.ts";
import type { Organization, Organizations } from "./organizations.ts";
import { explainScopes } from "./scopes.ts";
import type { Challenge, TokenBook } from "./tokens.ts";
import type { Undocumented } from "./undocumented.ts";

type Visit = {
  organization: Organization;
  redirectUri: string;
  state: string | null;
  challenge: Challenge | undefined;
};

/** The consent page: sends whoever is signed in back with a code, at once or after a click. */
export function createConsent(context: {
  clientId: string;
  redirectUri: string;
  scopes: readonly string[];
  asksForConsent?: boolean;
  organizations: Organizations;
  tokens: TokenBook;
  undocumented: Undocumented;
  pages: ConsentPages;
  endpoint: Endpoint;
}): Router {
  const { clientId, organizations, tokens, undocumented, pages, endpoint } = context;
  const isTooOften = createRedirectLimit<string>();
  const refusal = (status: number, reason: string) => new Refusal(pages.refuse(status, reason));

  function readVisit({ url }: Incoming): Visit {
    const query = url.searchParams;
    const redirectUri = verifyRequest(query, context, refusal);
    const challenge = readChallenge(query);
    if (challenge === "malformed") throw refusal(400, "code_challenge or its method is malformed");
    const organization = organizations.signedIn();
    if (organization === undefined) throw refusal(401, "nobody is signed in");
    return { organization, redirectUri, state: query.get("state"), challenge };
  }

  function agreeAtOnce(incoming: Incoming): Answer {
    const visit = readVisit(incoming);
    if (isTooOften(visit.organization.id)) throw refusal(429, "too_many_redirects");
    return allow(visit);
  }

  function ask(incoming: Incoming): Answer {
    const visit = readVisit(incoming);
    const { organization, redirectUri } = visit;
    if (!organization.isAdministrator) return allow(visit);
    return pages.ask({
      clientId,
      email: organization.email,
      account: { label: "Organization", name: organization.id },
      scopes: explainScopes(context.scopes),
      redirectUri,
      cancelReturns: undocumented.refusedConsent === "returns",
    });
  }

  // The limit on redirects ends loops between two sites. What waits for a click cannot loop.
  function decide(incoming: Incoming): Answer {
    const visit = readVisit(incoming);
    const decision = new URLSearchParams(incoming.text).get("decision");
    if (decision === "allow") return allow(visit);
    if (decision !== "cancel") throw refusal(400, "decision must be allow or cancel");
    return deny(visit, "access_denied", "The request was cancelled.");
  }

  function allow(visit: Visit): Answer {
    const { organization, redirectUri, challenge } = visit;
    if (!organization.isAdministrator) {
      return deny(visit, "invalid_scope", "Only an administrator can allow what the app asks for.");
    }
    return redirectBack(visit, { code: tokens.createCode({ organization, redirectUri, challenge }) });
  }

  function deny(visit: Visit, error: string, description: string): Answer {
    if (undocumented.refusedConsent === "returns") {
      return redirectBack(visit, { error, error_description: description });
    }
    const query = new URLSearchParams({ oauth_exception: error, exception_details: description });
    return { status: 302, headers: { location: `/ooops?${query}` } };
  }

  function showFailure({ url }: Incoming): Answer {
    const [error, details] = ["oauth_exception", "exception_details"].map((name) =>
      url.searchParams.get(name),
    );
    return pages.deny([error, details].filter(Boolean).join(": "));
  }

  const router = Router().use(pages.files).get("/ooops", endpoint("ooops", showFailure));
  if (!context.asksForConsent) return router.get("/", endpoint("authorize", agreeAtOnce));
  return router.get("/", endpoint("authorize", ask)).post("/", endpoint("authorize", decide));
}

/** PKCE (RFC 7636). Without a method the challenge is the verifier itself; the documentation spells S256 both ways. */
function readChallenge(query: URLSearchParams): Challenge | "malformed" | undefined {
  const value = query.get("code_challenge");
  const method = query.get("code_challenge_method") ?? "plain";
  if (value === null) return query.has("code_challenge_method") ? "malformed" : undefined;
  if (!/^[\w.~-]{43,128}$/.test(value)) return "malformed";
  if (method === "plain") return { value, method };
  return method === "S256" || method === "s256" ? { value, method: "S256" } : "malformed";
}
