import { z } from "zod";

// What chat.io's and LiveChat's stand-ins answer in the same form.

const tokens = z.object({ access_token: z.string(), refresh_token: z.string(), expires_in: z.number() });

export async function readTokens(response: Response) {
  return tokens.parse(await response.json());
}

/** The type of an API error, and its status. */
export async function refusalOf(response: Response): Promise<{ status: number; type: string }> {
  const { error } = z
    .object({ error: z.object({ type: z.string(), message: z.string() }) })
    .parse(await response.json());
  return { status: response.status, type: error.type };
}

/** The OAuth error code of an answer, and its status. */
export async function oauthErrorOf(response: Response): Promise<{ status: number; error: string }> {
  const { error } = z
    .object({ error: z.string(), error_description: z.string() })
    .parse(await response.json());
  return { status: response.status, error };
}
