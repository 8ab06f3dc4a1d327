import { Router } from "express";
import { z } from "zod";
import type { Answer, Endpoint, Incoming } from "../endpoint.ts";
import { scopes } from "./consent.ts";
import type { Licenses } from "./licenses.ts";
import type { Access, TokenBook } from "./tokens.ts";
import { oauthRefusal } from "./wire.ts";

const client = { client_id: z.string(), client_secret: z.string() };
const tokenRequest = z.discriminatedUnion("grant_type", [
  z.object({
    grant_type: z.literal("authorization_code"),
    code: z.string(),
    redirect_uri: z.string(),
    ...client,
  }),
  z.object({ grant_type: z.literal("refresh_token"), refresh_token: z.string(), ...client }),
]);
type TokenRequest = z.infer<typeof tokenRequest>;

/** The accounts server without its consent page: tokens, token info, revocation. */
export function createAccounts(context: {
  clientId: string;
  clientSecret: string;
  expiresIn?: number;
  licenses: Licenses;
  tokens: TokenBook;
  endpoint: Endpoint;
}): Router {
  const { licenses, tokens, endpoint } = context;

  function answerToken(incoming: Incoming): Answer {
    const request = parseTokenRequest(incoming);
    if (request.client_id !== context.clientId || request.client_secret !== context.clientSecret) {
      throw oauthRefusal(401, "invalid_client", "unknown client or wrong client secret");
    }
    const access =
      request.grant_type === "refresh_token" ? refresh(request.refresh_token) : exchange(request);
    return { status: 200, json: tokenFields(access, context.expiresIn) };
  }

  function exchange(request: Extract<TokenRequest, { code: string }>): Access {
    const grant = tokens.redeemCode(request.code);
    if (grant === undefined) throw oauthRefusal(400, "invalid_grant", "unknown or used code");
    if (grant.redirectUri !== request.redirect_uri) {
      throw oauthRefusal(400, "invalid_grant", "redirect_uri differs from the one in the consent link");
    }
    return tokens.issue(grant.licenseId);
  }

  function refresh(refreshToken: string): Access {
    const access = tokens.rotate(refreshToken);
    if (access === undefined)
      throw oauthRefusal(400, "invalid_grant", "unknown, used or revoked refresh token");
    return access;
  }

  function answerInfo({ token }: Incoming): Answer {
    const access = tokens.findAccess(token);
    if (access === undefined) throw oauthRefusal(401, "invalid_token", "unknown or expired access token");
    const scope = scopes.map(({ name }) => name).join(",");
    const { licenseId } = access;
    const owner = { entity_id: licenses.entityOf(licenseId), license_id: licenseId };
    return {
      status: 200,
      json: { ...tokenFields(access, context.expiresIn), client_id: context.clientId, scope, ...owner },
    };
  }

  function answerRevoke({ url }: Incoming): Answer {
    const isRevoked = tokens.revoke(url.searchParams.get("token") ?? "");
    if (!isRevoked) throw oauthRefusal(400, "invalid_request", "unknown token");
    return { status: 200, json: {} };
  }

  return Router()
    .post("/token", endpoint(nameOfGrant, answerToken))
    .get("/info", endpoint("info", answerInfo))
    .delete("/token", endpoint("revoke", answerRevoke));
}

function nameOfGrant({ text }: Incoming): string {
  return new URLSearchParams(text).get("grant_type") === "refresh_token" ? "refresh" : "exchange";
}

function parseTokenRequest({ mediaType, text }: Incoming): TokenRequest {
  if (mediaType !== "application/x-www-form-urlencoded") {
    throw oauthRefusal(400, "invalid_request", "the body must be form-encoded");
  }
  const form = Object.fromEntries(new URLSearchParams(text));
  const request = tokenRequest.safeParse(form);
  if (request.success) return request.data;
  const isUnheardOf = !["authorization_code", "refresh_token"].includes(form.grant_type ?? "");
  throw oauthRefusal(
    400,
    isUnheardOf ? "unsupported_grant_type" : "invalid_request",
    z.prettifyError(request.error),
  );
}

function tokenFields(
  { token, refreshToken, expiresAt }: Access,
  expiresIn = Math.ceil((expiresAt - Date.now()) / 1000),
) {
  return {
    access_token: token,
    refresh_token: refreshToken,
    expires_in: expiresIn,
    token_type: "Bearer",
  };
}
