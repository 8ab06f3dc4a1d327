import { isFinal, PlatformError } from "../../errors.ts";

/** Whether the refresh token is refused for good: used up, revoked or expired. */
export function isRefreshRefused(error: unknown): boolean {
  return error instanceof PlatformError && error.type === "invalid_grant";
}

/** Whether a call in a chat was refused because the bot is not where the call needs it. */
export function isOutOfPlace(error: unknown): boolean {
  return isInvalid(error);
}

/**
 * Whether the call names a bot agent that does not exist. How chat.io refuses that is not documented. A 404 without one of
 * chat.io's error types is a gateway's, and says nothing about bot agents.
 */
export function isBotGone(error: unknown): boolean {
  return isInvalid(error) || (isFinal(error) && error.type !== null && error.status === 404);
}

/** chat.io says the same of every call that does not fit. What does not fit depends on the call. */
function isInvalid(error: unknown): boolean {
  return isFinal(error) && error.type === "validation";
}
