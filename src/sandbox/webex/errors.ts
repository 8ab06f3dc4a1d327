import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { prettifyError } from "zod";
import { type Answer, Refusal } from "../answer.ts";
import { type Incoming, readJson } from "../incoming.ts";

const messages = new Map([
  [423, "The requested resource is temporarily unavailable."],
  [429, "Too many requests have been sent."],
  [500, "Something went wrong on the server."],
  [503, "Server is overloaded with requests. Try again later."],
]);

/** An error in the documented form; its trace id stands in the body and in the header. */
export function failure(status: number, message = messages.get(status) ?? "Failure."): Answer {
  const trackingId = `ROUTER_${randomUUID().toUpperCase()}`;
  const json = { message, errors: [{ description: message }], trackingId };
  return { status, headers: { trackingid: trackingId }, json };
}

export function refusal(status: 400 | 401 | 403 | 404 | 405 | 415, message: string): Refusal {
  return new Refusal(failure(status, message));
}

/** The JSON body, or the refusal of one that is no JSON or not of this shape. */
export function parseBody<Body>({ mediaType, text }: Incoming, schema: z.ZodType<Body>): Body {
  if (mediaType !== "application/json") throw refusal(415, "Content-Type must be application/json.");
  const body = schema.safeParse(readJson(text));
  if (!body.success) throw refusal(400, prettifyError(body.error));
  return body.data;
}
