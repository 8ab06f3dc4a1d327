import type { z } from "zod";
import { type Answer, type Incoming, Refusal, readJsonBody } from "../endpoint.ts";
import type { Access, TokenBook } from "./tokens.ts";

/** The one version that the APIs of this stand-in speak. */
const API_VERSION = "v0.3";

type ApiErrorType = "authentication" | "authorization" | "internal" | "unsupported_version" | "validation";

// The documentation names the types, not their HTTP statuses: these are what HTTP APIs usually answer.
const STATUSES: Record<ApiErrorType, number> = {
  authentication: 401,
  authorization: 403,
  internal: 500,
  unsupported_version: 400,
  validation: 400,
};

/** The refusal of a configuration or agent API call. */
export function apiRefusal(type: ApiErrorType, message: string): Refusal {
  return new Refusal({ status: STATUSES[type], json: { error: { type, message } } });
}

/** The refusal of a call to the accounts server, in the form of OAuth 2.0. */
export function oauthRefusal(status: 400 | 401, error: string, description: string): Refusal {
  return new Refusal({ status, json: { error, error_description: description } });
}

/** An API failure with this status. Without `type` only a 500 gets one ("internal"); no other is documented. */
export function apiFailure(status: number, type = status === 500 ? "internal" : undefined): Answer {
  return type === undefined ? { status } : { status, json: { error: { type, message: "Failure" } } };
}

/** The accounts server's answer when it is broken or busy, or refuses. */
export function accountsFailure(status: number, type?: string): Answer {
  if (type !== undefined) return { status, json: { error: type } };
  return { status, html: `<!doctype html><title>${status}</title>` };
}

/** The checks all API calls share, in the platform's order: version, then token. Throws a refusal. */
export function authenticate(incoming: Incoming, tokens: TokenBook): Access {
  if (incoming.params.version !== API_VERSION) {
    throw apiRefusal("unsupported_version", `version ${incoming.params.version} is not supported`);
  }
  const access = tokens.findAccess(incoming.token);
  if (access === undefined) throw apiRefusal("authentication", "access token is missing, wrong or expired");
  return access;
}

/** The JSON body. Throws a validation error that says what is wrong with it. */
export function parseBody<Body>(incoming: Incoming, schema: z.ZodType<Body>): Body {
  return readJsonBody(incoming, schema, (message) => apiRefusal("validation", message));
}
