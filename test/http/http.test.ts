import nock from "nock";
import { describe, expect, test, vi } from "vitest";
import { createHttp } from "../../src/http/http.ts";
import { answering, createCaller, failureOf, HOST, room, TOKEN } from "../support/caller.ts";
import { forbidNetwork } from "../support/network.ts";

forbidNetwork();

describe("a successful call", () => {
  test("goes to the base URL with its token and query, and returns the answer in its shape", async () => {
    nock(HOST, { reqheaders: { authorization: `Bearer ${TOKEN}` } })
      .get("/v1/rooms/1")
      .query({ max: "10", text: "a&b=ü" })
      .reply(200, { id: "1", title: { text: "Accounts" }, more: true });
    const answer = await createCaller()({ answer: room, query: { max: "10", text: "a&b=ü" } });
    expect(answer).toEqual({ id: "1", title: { text: "Accounts" } });
  });

  test("sends JSON as JSON and a form as a form", async () => {
    nock(HOST, { reqheaders: { "content-type": /^application\/json/ } })
      .post("/v1/rooms/1", { text: "ünï" })
      .reply(200);
    await createCaller()({ method: "POST", json: { text: "ünï" } });
    nock(HOST, { reqheaders: { "content-type": /^application\/x-www-form-urlencoded/ } })
      .post("/v1/rooms/1", "code=a%2Fb%3D")
      .reply(204);
    await createCaller()({ method: "POST", form: { code: "a/b=" } });
  });

  test("without a token sends none", async () => {
    nock(HOST, { badheaders: ["authorization"] })
      .delete("/v1/rooms/1")
      .reply(204);
    const http = createHttp({ platform: "Example", baseUrl: `${HOST}/v1`, timeoutMs: 2000 });
    await http({ name: "delete_room", method: "DELETE", path: "/rooms/1", quota: null });
  });
});

test("every call is reported once, with its outcome and duration", async () => {
  const observe = vi.fn();
  const call = createCaller({ observe });
  answering(200);
  await call();
  answering(404);
  await failureOf(call());
  answering(200, "other");
  await failureOf(call({ answer: room }));
  await failureOf(createCaller({ observe, baseUrl: "http://127.0.0.1:1" })());
  const ms = expect.any(Number);
  expect(observe.mock.calls.flat()).toMatchObject(
    ["200", "404", "200", "no_answer"].map((outcome) => ({ name: "get_room", outcome, ms })),
  );
});

test("the platform's clock is reported if it can be read", async () => {
  const observe = vi.fn();
  const call = createCaller({ observe });
  for (const date of ["Mon, 05 Jan 2026 10:00:30 GMT", "Mon, 99 Foo 2026 10:00:30 GMT", "yesterday"]) {
    answering(200, {}, { date });
    await call();
  }
  const times = observe.mock.calls.flat().map(({ platformTime }) => platformTime);
  expect(times).toEqual([Date.parse("2026-01-05T10:00:30Z"), null, null]);
});

describe("a list with a next page", () => {
  async function nextOf(link: string): Promise<string | null> {
    answering(200, [], { link });
    const onNext = vi.fn();
    await createCaller()({ onNext });
    return onNext.mock.lastCall?.[0] ?? null;
  }

  test("reports the path of its next page", async () => {
    expect(await nextOf(`<${HOST}/v1/rooms?cursor=a%2Cb&max=2>; rel="next"`)).toBe(
      "/rooms?cursor=a%2Cb&max=2",
    );
    expect(await nextOf(`<${HOST}/v1/rooms?p=1>; rel="prev", <${HOST}/v1/rooms?p=3>; rel="next"`)).toBe(
      "/rooms?p=3",
    );
    expect(await nextOf(`<${HOST}/v1/rooms?p=1>; rel="prev"`)).toBeNull();
  });

  test.each([
    [
      "is too long",
      `${`<${HOST}/v1/rooms?p=1>; rel="prev", `.repeat(200)}<${HOST}/v1/rooms?p=3>; rel="next"`,
      "Example answered get_room with a Link header of more than 8000 characters.",
    ],
    [
      "cannot be parsed",
      "</v1/rooms?p=2; rel=next",
      "Example answered get_room with a Link header that cannot be parsed.",
    ],
  ])("fails if its header %s: that is not the end of the list", async (_what, link, message) => {
    answering(200, [], { link });
    const onNext = vi.fn();
    expect(await failureOf(createCaller()({ onNext }))).toMatchObject({ retryable: false, message });
    expect(onNext).not.toHaveBeenCalled();
  });

  test("at another address is not followed, because the token would go there", async () => {
    for (const elsewhere of [
      "https://evil.example/v1/rooms",
      `${HOST}.evil.example/v1/rooms`,
      `${HOST}/v1.evil/rooms`,
      `${HOST}/v2/rooms`,
    ]) {
      answering(200, [], { link: `<${elsewhere}>; rel="next"` });
      const onNext = vi.fn();
      const error = await failureOf(createCaller()({ onNext }));
      expect(error).toMatchObject({ retryable: false });
      expect(onNext).not.toHaveBeenCalled();
    }
  });
});
