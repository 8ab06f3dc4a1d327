import { randomUUID } from "node:crypto";
import type { Endpoint } from "../endpoint.ts";
import { refusal } from "./errors.ts";

/** Puts the token check before every piece of work, and a trace id on every answer that has none. */
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
      return {
        ...answer,
        headers: { trackingid: `ROUTER_${randomUUID().toUpperCase()}`, ...answer.headers },
      };
    });
}
