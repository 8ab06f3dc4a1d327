import { isFinal, PlatformError } from "../../errors.ts";

/** Whether the refresh token is refused for good: used up, revoked or expired. */
export function isRefreshRefused(error: unknown): boolean {
  return error instanceof PlatformError && error.type === "invalid_grant";
}

/** Whether the call makes no sense now, e.g. because it leaves a chat that the bot is not in. */
export function isRefusedAsInvalid(error: unknown): boolean {
  return isFinal(error) && error.type === "validation";
}

/**
 * Whether the call names a bot agent that does not exist. How chat.io refuses that is not documented. A 404 without one of
 * chat.io's error types is a gateway's, and says nothing about bot agents.
 */
export function isBotGone(error: unknown): boolean {
  return isRefusedAsInvalid(error) || (isFinal(error) && error.type !== null && error.status === 404);
}
