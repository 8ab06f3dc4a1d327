import { randomUUID } from "node:crypto";
import { prettifyError, type z } from "zod";
import { type Answer, type Endpoint, type Incoming, Refusal, readJson } from "../endpoint.ts";

/** The most items on a page, and how many there are by default. */
const PAGE_SIZE = 100;

const messages = new Map([
  [423, "The requested resource is temporarily unavailable."],
  [429, "Too many requests have been sent."],
  [500, "Something went wrong on the server."],
  [503, "Server is overloaded with requests. Try again later."],
]);

/** An error in the documented form, with its trace id in the body and in the header. */
export function failure(status: number, message = messages.get(status) ?? "Failure."): Answer {
  const trackingId = createTrackingId();
  const json = { message, errors: [{ description: message }], trackingId };
  return { status, headers: { trackingid: trackingId }, json };
}

export function refusal(status: 400 | 401 | 404 | 405 | 415, message: string): Refusal {
  return new Refusal(failure(status, message));
}

/** The JSON body. Throws the refusal of a body that is not JSON or not of this shape. */
export function parseBody<Body>({ mediaType, text }: Incoming, schema: z.ZodType<Body>): Body {
  if (mediaType !== "application/json") throw refusal(415, "Content-Type must be application/json.");
  const body = schema.safeParse(readJson(text));
  if (!body.success) throw refusal(400, prettifyError(body.error));
  return body.data;
}

/** Checks the token before any work, and adds a trace id to answers without one. */
export function guardEndpoint(endpoint: Endpoint, isToken: (token: string | undefined) => boolean): Endpoint {
  return (naming, work) =>
    endpoint(naming, (incoming) => {
      if (!isToken(incoming.token)) {
        throw refusal(
          401,
          "The request requires a valid access token set in the Authorization request header.",
        );
      }
      const answer = work(incoming);
      return { ...answer, headers: { trackingid: createTrackingId(), ...answer.headers } };
    });
}

/** A page of a list, with a Link header to the next one if there is more. A larger `max` is silently cut down. */
export function answerPage(items: unknown[], url: URL): Answer {
  const size = Math.min(readNumber(url, "max", PAGE_SIZE), PAGE_SIZE);
  const start = readNumber(url, "cursor", 0);
  if (size < 1) throw refusal(400, "max must be at least 1.");
  const page: Answer = { status: 200, json: { items: items.slice(start, start + size) } };
  if (start + size >= items.length) return page;
  const next = new URL(url);
  next.searchParams.set("cursor", String(start + size));
  return { ...page, headers: { link: `<${next.href}>; rel="next"` } };
}

/** A new id in the public form: unpadded base64 of `ciscospark://us/<kind>/<uuid>`. */
export function createId(
  kind: "APPLICATION" | "MESSAGE" | "ORGANIZATION" | "PEOPLE" | "ROOM" | "WEBHOOK",
): string {
  return Buffer.from(`ciscospark://us/${kind}/${randomUUID()}`).toString("base64").replace(/=+$/, "");
}

function createTrackingId(): string {
  return `ROUTER_${randomUUID().toUpperCase()}`;
}

function readNumber(url: URL, name: string, otherwise: number): number {
  const text = url.searchParams.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw refusal(400, `${name} must be a number.`);
  return Number(text);
}
