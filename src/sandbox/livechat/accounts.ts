import { createHash } from "node:crypto";
import { Router } from "express";
import { prettifyError, z } from "zod";
import { type Answer, type Endpoint, type Incoming, readBody } from "../endpoint.ts";
import type { Access, Grant, TokenBook } from "./tokens.ts";
import type { Undocumented } from "./undocumented.ts";
import { oauthRefusal } from "./wire.ts";

const client = { client_id: z.string(), client_secret: z.string() };
const tokenRequest = z.discriminatedUnion("grant_type", [
  z.strictObject({
    grant_type: z.literal("authorization_code"),
    code: z.string(),
    redirect_uri: z.string(),
    code_verifier: z
      .string()
      .regex(/^[\w.~-]{43,128}$/)
      .optional(),
    ...client,
  }),
  z.strictObject({ grant_type: z.literal("refresh_token"), refresh_token: z.string(), ...client }),
]);
type TokenRequest = z.infer<typeof tokenRequest>;

/** The accounts server without its consent page: tokens, token info, revocation. */
export function createAccounts(context: {
  clientId: string;
  clientSecret: string;
  scopes: readonly string[];
  expiresIn?: number;
  tokens: TokenBook;
  undocumented: Undocumented;
  onChange: () => void;
  endpoint: Endpoint;
}): Router {
  const { clientId, tokens, undocumented, onChange, endpoint } = context;

  function answerToken(incoming: Incoming): Answer {
    const request = parseTokenRequest(incoming);
    if (request.client_id !== clientId || request.client_secret !== context.clientSecret) {
      throw oauthRefusal(401, "unauthorized_client", "unknown client or wrong client secret");
    }
    const access =
      request.grant_type === "refresh_token" ? refresh(request.refresh_token) : exchange(request);
    return { status: 200, json: tokenFields(access) };
  }

  function exchange(request: Extract<TokenRequest, { code: string }>): Access {
    const grant = tokens.redeemCode(request.code);
    if (grant === undefined) throw oauthRefusal(400, undocumented.deadGrant, "unknown, used or expired code");
    if (grant.redirectUri !== request.redirect_uri) {
      throw oauthRefusal(400, "unauthorized_client", "redirect_uri differs from the one in the link");
    }
    verifyChallenge(grant, request.code_verifier);
    // The consent page lets only administrators through; an installation from the marketplace does not pass it.
    if (!grant.organization.isAdministrator) {
      throw oauthRefusal(400, "invalid_scope", "the scopes need an administrator");
    }
    grant.organization.isInstalled = true;
    onChange();
    return tokens.issue(grant.organization);
  }

  function refresh(refreshToken: string): Access {
    const access = tokens.refresh(refreshToken);
    if (access === undefined)
      throw oauthRefusal(400, undocumented.deadGrant, "unknown or revoked refresh token");
    onChange();
    return access;
  }

  function answerInfo({ token }: Incoming): Answer {
    const access = tokens.findAccess(token);
    if (access === undefined) throw oauthRefusal(401, "invalid_token", "unknown or expired access token");
    const { refresh_token, ...fields } = tokenFields(access);
    const expires_in = Math.ceil((access.expiresAt - Date.now()) / 1000);
    return { status: 200, json: { ...fields, expires_in, client_id: clientId } };
  }

  // A token may also be sent as `code` in the query; only the header is accepted here, as queries end up in logs.
  function answerRevoke({ token = "" }: Incoming): Answer {
    if (!tokens.revoke(token)) throw oauthRefusal(404, "not_found", "unknown token");
    onChange();
    return { status: 200, json: {} };
  }

  function tokenFields({ token, refreshToken, organization, expiresAt }: Access) {
    return {
      access_token: token,
      account_id: organization.accountId,
      expires_in: context.expiresIn ?? Math.ceil((expiresAt - Date.now()) / 1000),
      organization_id: organization.id,
      refresh_token: refreshToken,
      scope: context.scopes.join(","),
      token_type: "Bearer",
    };
  }

  return Router()
    .post("/v2/token", endpoint(nameOfGrant, answerToken))
    .get("/v2/info", endpoint("info", answerInfo))
    .delete("/v2/token", endpoint("revoke", answerRevoke));
}

const anyGrant = z.object({ grant_type: z.unknown() });

/** The grant type, or undefined if there is none. */
function readGrantType(incoming: Incoming): unknown {
  const body = anyGrant.safeParse(readBody(incoming));
  return body.success ? body.data.grant_type : undefined;
}

function nameOfGrant(incoming: Incoming): string {
  return readGrantType(incoming) === "refresh_token" ? "refresh" : "exchange";
}

/** Throws the refusal of a body that is neither a form nor JSON, or not of this shape. */
function parseTokenRequest(incoming: Incoming): TokenRequest {
  const { mediaType = "" } = incoming;
  if (!["application/x-www-form-urlencoded", "application/json"].includes(mediaType)) {
    throw oauthRefusal(400, "invalid_request", "the body must be a form or JSON");
  }
  const request = tokenRequest.safeParse(readBody(incoming));
  if (request.success) return request.data;
  const isKnown = ["authorization_code", "refresh_token"].some((type) => type === readGrantType(incoming));
  throw oauthRefusal(
    400,
    isKnown ? "invalid_request" : "unsupported_grant_type",
    prettifyError(request.error),
  );
}

/** Throws a refusal unless the verifier is the one that the challenge was made from. */
function verifyChallenge({ challenge }: Grant, verifier: string | undefined): void {
  if (challenge === undefined) {
    // Not documented; assumed: a verifier without a challenge is refused.
    if (verifier !== undefined) throw oauthRefusal(400, "invalid_request", "no challenge was sent");
    return;
  }
  const { value, method } = challenge;
  const proof = method === "plain" ? verifier : verifier && sha256(verifier);
  if (proof !== value) throw oauthRefusal(400, "invalid_grant", "code_verifier does not fit the challenge");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
