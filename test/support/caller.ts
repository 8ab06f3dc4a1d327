import { inspect } from "node:util";
import nock from "nock";
import { expect } from "vitest";
import { z } from "zod";
import { PlatformError } from "../../src/errors.ts";
import { createHttp, type HttpOptions, type Question } from "../../src/http/http.ts";

export const HOST = "https://api.example";
/** Everything that is sent to a platform in these tests has the word "invented" in it. */
export const TOKEN = "token-invented-4c9184f37cff";

export const room = z.object({ id: z.string(), title: z.object({ text: z.string() }) });

/** Makes calls to a platform named Example, which get a room unless told otherwise. */
export function createCaller(options: Partial<HttpOptions> = {}) {
  const http = createHttp({ platform: "Example", baseUrl: `${HOST}/v1`, timeoutMs: 2000, ...options });
  return (call: Partial<Question<z.ZodType>> = {}) =>
    http({
      name: "get_room",
      method: "GET",
      path: "/rooms/1",
      quota: null,
      token: TOKEN,
      answer: z.unknown(),
      ...call,
    });
}

/** What the call fails with. Fails itself when that is not a PlatformError, or when it gives anything away. */
export async function failureOf(call: Promise<unknown>): Promise<PlatformError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PlatformError)) throw new Error(`no PlatformError, but ${inspect(error)}`);
  const shown = [error.message, JSON.stringify(error), String(error.stack)];
  shown.push(inspect(error, { depth: null, showHidden: true, getters: true }));
  for (const text of shown) expect(text).not.toContain("invented");
  expect(error.cause).toBeUndefined();
  return error;
}

/** Prepares the answer to the next getting of the room. */
export function answering(status: number, body: nock.Body = {}, headers: Record<string, string> = {}): void {
  nock(HOST).get("/v1/rooms/1").reply(status, body, headers);
}
