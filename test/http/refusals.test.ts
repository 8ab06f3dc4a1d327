import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { retryAfterMs } from "../../src/http/failures.ts";
import type { Outlook } from "../../src/http/http.ts";
import { answering, createCaller, failureOf, room } from "../support/caller.ts";
import { startLoopback } from "../support/loopback.ts";
import { forbidNetwork } from "../support/network.ts";

forbidNetwork();

/** In this platform's own format, a refusal names an error. */
const refusal = z.object({ error: z.string() }).transform(({ error }) => ({ type: error }));
const readRefusal = (body: unknown) => refusal.safeParse(body).data ?? null;

describe("a call that is refused", () => {
  test.each([
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [409, false],
    [408, true],
    [423, true],
    [425, true],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [504, true],
  ])("by the platform itself with %i may be retried: %s", async (status, retryable) => {
    answering(status, { error: "refused" });
    const error = await failureOf(createCaller({ readRefusal })());
    expect(error).toMatchObject({ status, retryable, type: "refused", mustSucceed: false });
    expect(error.message).toBe(`Example answered get_room with ${status}, refused.`);
  });

  test.each([302, 400, 401, 403, 404, 407, 409, 421, 425, 500])(
    "by somebody in between with %i may be tried again, whatever the status",
    async (status) => {
      for (const body of ["<!doctype html><title>Blocked</title>", "", { message: "of another kind" }]) {
        answering(status, body);
        const error = await failureOf(createCaller({ readRefusal })());
        expect(error).toMatchObject({ status, retryable: true, type: null });
        expect(error.message).toBe(`Example answered get_room with ${status}.`);
      }
    },
  );

  test.each([
    [400, { error: "refused" }, true],
    [403, { error: "refused" }, true],
    [429, "", true],
    [423, "", true],
    [425, "", true],
    [408, { error: "refused" }, false],
    [500, { error: "refused" }, false],
    [403, "<html>", false],
    [502, "", false],
  ])("with %i and %j was certainly not carried out: %s", async (status, body, expected) => {
    answering(status, body);
    expect((await failureOf(createCaller({ readRefusal })())).wasNotDone).toBe(expected);
  });

  test("is reported as the platform's own or somebody else's", async () => {
    const observe = vi.fn();
    answering(403, { error: "refused" });
    await failureOf(createCaller({ readRefusal, observe })());
    answering(403, "<html>");
    await failureOf(createCaller({ readRefusal, observe })());
    expect(observe.mock.calls.flat()).toMatchObject([{ isRefusal: true }, { isRefusal: false }]);
  });

  test("is not retried here", async () => {
    const server = await startLoopback((_req, res) => void res.writeHead(503).end());
    await failureOf(createCaller({ baseUrl: server.url })());
    expect(server.requests()).toBe(1);
  });

  test("names the platform's error type and tracking ID", async () => {
    answering(400, { error: "invalid_grant" }, { trackingid: "ROUTER_1-2.3" });
    const error = await failureOf(createCaller({ readRefusal })());
    expect(error.type).toBe("invalid_grant");
    expect(error.message).toBe("Example answered get_room with 400, invalid_grant, trackingid ROUTER_1-2.3.");
  });

  test("shows nothing that is not a name", async () => {
    for (const sent of ["a sentence invented", "<b>invented</b>", `invented${"x".repeat(100)}`, ""]) {
      answering(400, sent, { trackingid: sent });
      const error = await failureOf(createCaller({ readRefusal: () => ({ type: sent }) })());
      expect(error).toMatchObject({ type: null, message: "Example answered get_room with 400." });
    }
  });

  test.each([
    ["request_timeout", 400, true],
    ["authorization", 500, false],
    ["unheard_of", 500, true],
    ["unheard_of", 400, false],
  ])(
    "as %s with %i may be tried again: %s, by its name first and its status then",
    async (type, status, retryable) => {
      answering(status);
      const known: Record<string, Outlook> = { request_timeout: "later", authorization: "final" };
      const outlookOf = (name: string) => known[name] ?? null;
      const error = await failureOf(createCaller({ readRefusal: () => ({ type }), outlookOf })());
      expect(error).toMatchObject({ type, status, retryable });
    },
  );

  test.each([
    [429, "7", 7000],
    [423, "7", 7000],
    [429, "rand(30),add(30)", 15_000],
    [429, undefined, 15_000],
    [503, "7", 7000],
    [502, "7", 7000],
    [302, "7", 7000],
    [429, "500000", 500_000_000],
    [503, "500000", 3_600_000],
    [503, undefined, null],
    [200, "7", null],
  ])("with %i and Retry-After %s waits for %s ms", async (status, header, waitMs) => {
    answering(status, "no", header === undefined ? {} : { "retry-after": header });
    const error = await failureOf(createCaller()({ answer: room }));
    expect(error.retryAfterMs).toBe(waitMs);
  });
});

describe("an answer in an unexpected format", () => {
  test.each([
    ["nothing at all", "", "the whole body"],
    ["a page", "<!doctype html><title>invented</title>", "the whole body"],
    ["JSON that breaks off", '{"id":"invented', "the whole body"],
    ["another type", '{"id":"1","title":{"text":["invented"]}}', "title.text"],
    ["less", '{"title":{"text":"invented"}}', "id"],
  ])("%s: may be retried; the error says where, not what", async (_what, body, where) => {
    answering(200, body, { "content-type": "application/json" });
    const error = await failureOf(createCaller()({ answer: room }));
    expect(error).toMatchObject({ status: 200, retryable: true });
    expect(error.message).toBe(
      `Example answered get_room with 200, but not in the expected format (${where}).`,
    );
  });

  test("more than a megabyte: is not read to the end", async () => {
    answering(200, "x".repeat(1_000_001));
    expect(await failureOf(createCaller()())).toMatchObject({ retryable: true });
  });
});

describe("Retry-After", () => {
  const NOW = Date.parse("2026-01-05T10:00:00Z");
  const SEVEN_DAYS = 7 * 86_400_000;

  test.each([
    ["7", 7000],
    [" 7 ", 7000],
    ["0", 1000],
    ["3600", 3_600_000],
    ["86400", 86_400_000],
    ["9".repeat(400), SEVEN_DAYS],
    ["Mon, 05 Jan 2026 10:00:30 GMT", 30_000],
    ["Mon, 05 Jan 2026 09:00:00 GMT", 1000],
    ["Tue, 06 Jan 2026 10:00:00 GMT", 86_400_000],
    ["Wed, 06 Jan 2027 10:00:00 GMT", SEVEN_DAYS],
    ["Mon, 99 Foo 2026 10:00:30 GMT", 15_000],
    ["rand(30),add(30)", 15_000],
    ["2026-01-05", 15_000],
    ["-7", 15_000],
    ["1.5", 15_000],
    ["1e3", 15_000],
    ["", 15_000],
    [undefined, 15_000],
    [7, 15_000],
    [["7"], 15_000],
  ])("%j means %i ms", (header, waitMs) => {
    expect(retryAfterMs(header, NOW)).toBe(waitMs);
  });

  test("whatever it holds, the wait is a second to seven days", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.string(), fc.integer().map(String), fc.date().map(String)),
        (header) => {
          const waitMs = retryAfterMs(header, NOW);
          expect(waitMs).toBeGreaterThanOrEqual(1000);
          expect(waitMs).toBeLessThanOrEqual(SEVEN_DAYS);
        },
      ),
    );
  });
});
