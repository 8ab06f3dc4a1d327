import request from "supertest";
import { expect, test } from "vitest";
import { startChatio } from "./chatio-caller.ts";
import { startWebex } from "./webex-caller.ts";

const send = async (headers: Record<string, string>, method: "get" | "head" | "post" | "delete" = "get") => {
  const { sandbox } = await startChatio();
  const answer = await request(sandbox.apiUrl)[method]("/info").set(headers);
  return { ...answer, status: answer.status, calls: sandbox.calls };
};

test.each(["127.0.0.1", "127.0.0.1:7001", "localhost", "LOCALHOST:80", "[::1]", "[::1]:7001"])(
  "a request to %s is answered",
  async (host) => {
    expect((await send({ host })).status).toBe(401);
  },
);

test.each([
  "",
  "evil.example",
  "evil.example:7001",
  "127.0.0.1.evil.example",
  "localhost.evil.example",
  "evil-localhost",
  "127.0.0.1:7001:1",
  "127.0.0.1:",
  "localhost@evil.example",
  "127.0.0.2",
  "0.0.0.0",
  "::1",
])("a request to “%s” is refused before it is recorded", async (host) => {
  const { status, text, calls } = await send({ host });
  expect(status).toBe(421);
  expect(text).toContain("127.0.0.1");
  expect(calls).toEqual([]);
});

test("Webex refuses other hosts, too", async () => {
  const { sandbox } = await startWebex();
  await request(sandbox.apiUrl).get("/people/me").set("host", "evil.example").expect(421);
});

const host = "127.0.0.1:7001";

test.each([
  { origin: "https://evil.example" },
  { origin: "http://127.0.0.1:7002" },
  { origin: "http://localhost:7001" },
  { origin: "null" },
  { origin: "" },
  { "sec-fetch-site": "cross-site" },
  { origin: `http://${host}`, "sec-fetch-site": "cross-site" },
])("a change requested by a page of another site with %o is refused", async (headers) => {
  for (const method of ["post", "delete"] as const) {
    const { status, calls } = await send({ host, ...headers }, method);
    expect(status).toBe(403);
    expect(calls).toEqual([]);
  }
});

test("a change requested by our own page, or by no page at all, is accepted", async () => {
  const own = { origin: `http://${host}`, "sec-fetch-site": "same-origin" };
  expect((await send({ host, ...own }, "post")).status).toBe(400);
  expect((await send({ host, "sec-fetch-site": "none" }, "post")).status).toBe(400);
  expect((await send({ host }, "post")).status).toBe(400);
});

test("a page of another site may link here", async () => {
  const elsewhere = { host, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  expect((await send(elsewhere)).status).toBe(401);
  expect((await send(elsewhere, "head")).status).toBe(401);
});
