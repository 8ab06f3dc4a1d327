import { type Answer, Refusal } from "../answer.ts";

type ApiErrorType = "authentication" | "authorization" | "internal" | "unsupported_version" | "validation";

// The documentation names the types, not their HTTP statuses: these are the customary ones.
const statusOf: Record<ApiErrorType, number> = {
  authentication: 401,
  authorization: 403,
  internal: 500,
  unsupported_version: 400,
  validation: 400,
};

/** The refusal of a configuration or agent API call. */
export function apiRefusal(type: ApiErrorType, message: string): Refusal {
  return new Refusal({ status: statusOf[type], json: { error: { type, message } } });
}

/** The refusal of a call to the accounts server, in the form OAuth 2.0 prescribes. */
export function oauthRefusal(status: 400 | 401, error: string, description: string): Refusal {
  return new Refusal({ status, json: { error, error_description: description } });
}

/** What the API answers when it is broken or busy. No error type is documented but for its own failure. */
export function apiFailure(status: number): Answer {
  if (status !== 500) return { status };
  return { status, json: { error: { type: "internal", message: "Internal server error" } } };
}

/** What the accounts server answers when it is broken or busy. */
export function accountsFailure(status: number): Answer {
  return { status, html: `<!doctype html><title>${status}</title>` };
}
