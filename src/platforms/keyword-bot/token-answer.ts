import { z } from "zod";
import type { Tokens } from "./installation.ts";
import { lifetimeMs } from "./lifetime.ts";

/** What an accounts server answers with when it issues tokens (RFC 6749, 5.1). */
export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  // Any number, even 1e400: the code or the old refresh token may be used up, so the answer must be accepted.
  expires_in: z.custom<number>((value) => typeof value === "number"),
});

export function tokensOf(answer: z.infer<typeof tokenAnswer>): Tokens {
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    expiresInMs: lifetimeMs(answer.expires_in),
  };
}
