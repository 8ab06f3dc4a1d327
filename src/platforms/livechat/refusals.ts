import { z } from "zod";
import { isFinal, type PlatformError } from "../../errors.ts";
import type { Outlook, PlatformRefusal } from "../../http/http.ts";

// Which HTTP status goes with which type is not documented: the types decide, and the status only where there is none.

/** The accounts page of customers names errors in another field than RFC 6749, 5.2. */
const oauthRefusal = z
  .object({
    error: z.string().nullish(),
    oauth_exception: z.string().nullish(),
    identity_exception: z.string().nullish(),
  })
  .transform((body) => body.error ?? body.oauth_exception ?? body.identity_exception ?? null);

/** A region is a short name, "fra" for instance; more is not said, and it goes into a header. */
const region = z
  .string()
  .regex(/^[\w-]{1,32}$/)
  .nullish()
  .catch(null);

const apiRefusal = z
  .object({
    error: z.object({
      type: z.string(),
      data: z.object({ region }).nullish().catch(null),
    }),
  })
  .transform(({ error: { type, data } }) => ({ type: type.toLowerCase(), region: data?.region ?? null }));

export function readOauthRefusal(body: unknown): PlatformRefusal | null {
  const type = oauthRefusal.safeParse(body).data ?? null;
  return type === null ? null : { type };
}

export function readApiRefusal(body: unknown): PlatformRefusal | null {
  return apiRefusal.safeParse(body).data ?? null;
}

const LATER = ["internal", "request_timeout", "service_unavailable"];
const FINAL = [
  "agent_offline",
  "already_exists",
  "authentication",
  "authorization",
  "chat_inactive",
  "entity_too_large",
  "group_not_found",
  "license_expired",
  "license_not_found",
  "limit_reached",
  "misdirected_request",
  "missing_access",
  "not_found",
  "unsupported_version",
  "validation",
  "wrong_product_version",
];

export function outlookOf(type: string): Outlook | null {
  if (type === "too_many_requests") return "limited";
  if (LATER.includes(type)) return "later";
  return FINAL.includes(type) ? "final" : null;
}

/** The region in which the call is wanted instead; null: it was refused for another reason. */
export function misdirectedTo(error: unknown): string | null {
  return isOfType(error, "misdirected_request") ? error.region : null;
}

/**
 * The refresh token is no longer good for anything. `unauthorized_client` may also mean that the client secret is wrong:
 * LiveChat does not tell the two apart.
 */
export function isRefreshRefused(error: unknown): boolean {
  return isOfType(error, "invalid_grant", "unauthorized_client");
}

/** The bot's secret was reset elsewhere, if it is not the access token that was refused. */
export function isSecretRefused(error: unknown): boolean {
  return isOfType(error, "authentication", "authorization", "validation");
}

/** There is no such bot, of a call of the configuration API that names it. */
export function isBotGone(error: unknown): boolean {
  return isOfType(error, "not_found");
}

/** The organization no longer pays, and takes no calls until the bot is installed again. */
export function isExpired(error: unknown): boolean {
  return isOfType(error, "license_expired");
}

/** There is no such chat any more, or nobody in it. */
export function isChatOver(error: unknown): boolean {
  return isOfType(error, "chat_inactive", "not_found");
}

/** Joining: the bot may be in the chat already. How that is refused is not documented; sending will tell. */
export function mayBeIn(error: unknown): boolean {
  return isOfType(error, "already_exists", "validation");
}

const CAN_BE_REMEDIED = ["authentication", "missing_access", "agent_offline", "license_expired"];

/** Leaving: whatever refuses it for good, there is no chat with the bot in it. */
export function isOutside(error: unknown): boolean {
  return isFinal(error) && error.type !== null && !CAN_BE_REMEDIED.includes(error.type);
}

function isOfType(error: unknown, ...types: readonly string[]): error is PlatformError {
  return isFinal(error) && error.type !== null && types.includes(error.type);
}
