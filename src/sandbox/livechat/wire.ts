import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { type Answer, type Incoming, Refusal, readJsonBody } from "../endpoint.ts";

/** The one version that the APIs of this stand-in speak. */
export const API_VERSION = "v3.6";

export type ApiErrorType =
  | "agent_offline"
  | "authentication"
  | "authorization"
  | "chat_inactive"
  | "entity_too_large"
  | "group_not_found"
  | "internal"
  | "license_expired"
  | "limit_reached"
  | "misdirected_request"
  | "missing_access"
  | "not_found"
  | "service_unavailable"
  | "too_many_requests"
  | "unsupported_version"
  | "validation";

// Not documented; assumed: which HTTP status goes with which type. Only the types are documented.
const statusOf: Record<ApiErrorType, number> = {
  agent_offline: 422,
  authentication: 401,
  authorization: 403,
  chat_inactive: 422,
  entity_too_large: 413,
  group_not_found: 404,
  internal: 500,
  license_expired: 403,
  limit_reached: 422,
  misdirected_request: 421,
  missing_access: 403,
  not_found: 404,
  service_unavailable: 503,
  too_many_requests: 429,
  unsupported_version: 400,
  validation: 400,
};

/** The refusal of a configuration or agent chat API call. */
export function apiRefusal(type: ApiErrorType, message: string, data?: Record<string, string>): Refusal {
  return new Refusal({ status: statusOf[type], json: { error: { type, message, data } } });
}

/** The APIs' answer when they are broken or busy, or refuse with this type. */
export function apiFailure(status: number, type?: string): Answer {
  if (type !== undefined) return { status, json: { error: { type, message: "Refused" } } };
  if (status === 500) return apiRefusal("internal", "Internal server error").answer;
  if (status === 503) return apiRefusal("service_unavailable", "Service unavailable").answer;
  if (status === 429) return apiRefusal("too_many_requests", "Too many requests").answer;
  return { status };
}

export type OauthError =
  | "invalid_grant"
  | "invalid_request"
  | "invalid_scope"
  | "invalid_token"
  | "not_found"
  | "unauthorized_client"
  | "unsupported_grant_type";

/** The refusal of a call to the accounts server. */
export function oauthRefusal(status: 400 | 401 | 404, error: OauthError, description: string): Refusal {
  return new Refusal({
    status,
    json: { error, error_description: description, request_id: randomUUID() },
  });
}

/** The accounts server's answer when it is broken or busy, or refuses with this error. */
export function accountsFailure(status: number, type?: string): Answer {
  if (type !== undefined) return { status, json: { error: type, error_description: "Refused" } };
  return { status, html: `<!doctype html><title>${status}</title>` };
}

/** The JSON body. Throws a validation error that says what is wrong with it. */
export function parseBody<Body>(incoming: Incoming, schema: z.ZodType<Body>): Body {
  return readJsonBody(incoming, schema, (message) => apiRefusal("validation", message));
}
