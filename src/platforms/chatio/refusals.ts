import { isFinal, PlatformError } from "../../errors.ts";

/** The access token is no longer good, or never was. */
export function isTokenRefused(error: unknown): boolean {
  return (
    error instanceof PlatformError &&
    (error.type === "authentication" || (error.type === null && error.status === 401))
  );
}

/** The refresh token is no longer good for anything: used up, revoked or too old. */
export function isInvalidGrant(error: unknown): boolean {
  return error instanceof PlatformError && error.type === "invalid_grant";
}

/** The call asks for what cannot be, for instance to leave a chat that the bot is not in. */
export function isRefusedAsInvalid(error: unknown): boolean {
  return isFinal(error) && error.type === "validation";
}

/**
 * The call names a bot agent that is not there. How chat.io refuses that is not documented; without an error type of
 * its own the answer is a gateway's, which knows nothing of bot agents.
 */
export function isBotGone(error: unknown): boolean {
  return isRefusedAsInvalid(error) || (isFinal(error) && error.type !== null && error.status === 404);
}
