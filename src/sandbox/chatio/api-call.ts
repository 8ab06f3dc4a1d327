import type { z } from "zod";
import { prettifyError } from "zod";
import { type Incoming, readJson } from "../incoming.ts";
import { apiRefusal } from "./errors.ts";
import type { Access, TokenBook } from "./tokens.ts";

/** The checks all API calls share, in the platform's order: version, then token. */
export function authenticate(incoming: Incoming, apiVersion: string, tokens: TokenBook): Access {
  if (incoming.params.version !== apiVersion) {
    throw apiRefusal("unsupported_version", `version ${incoming.params.version} is not supported`);
  }
  const access = tokens.findAccess(incoming.token);
  if (access === undefined) throw apiRefusal("authentication", "access token is missing, wrong or expired");
  return access;
}

/** The JSON body, or a validation error that says what is wrong with it. */
export function parseBody<Body>({ mediaType, text }: Incoming, schema: z.ZodType<Body>): Body {
  if (mediaType !== "application/json")
    throw apiRefusal("validation", "content-type must be application/json");
  const body = schema.safeParse(readJson(text));
  if (!body.success) throw apiRefusal("validation", prettifyError(body.error));
  return body.data;
}
