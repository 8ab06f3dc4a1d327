import { gzipSync } from "node:zlib";
import request from "supertest";
import { describe, test } from "vitest";
import { createTestApp } from "../support/app.ts";

const TOO_LARGE = { error: "The body is larger than 1 MB." };
const NO_JSON = { error: "The body must be JSON, with Content-Type: application/json." };
const JSON_TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "application/json;charset=UTF-8",
  "Application/JSON",
  "application/vnd.webhook+json",
];
const OTHER_TYPES = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/xml",
  "application/jsonp",
  "json",
  "",
];
const MEGABYTE = 1_048_576;

/** JSON of exactly so many bytes. */
function jsonOf(bytes: number): string {
  return `"${"x".repeat(bytes - 2)}"`;
}

describe.each(["/webhook", "/wtwebhook"])("%s", (path) => {
  const post = () => request(createTestApp().app).post(path);

  test("accepts JSON by all its content types", async () => {
    const { app } = createTestApp();

    for (const type of JSON_TYPES) {
      await request(app).post(path).set("Content-Type", type).send("{}").expect(200, { status: "ignored" });
    }
  });

  test("answers 415 to everything else, and to nothing at all", async () => {
    const { app } = createTestApp();

    for (const type of OTHER_TYPES) {
      await request(app).post(path).set("Content-Type", type).send("{}").expect(415, NO_JSON);
    }
    const untyped = request(app).post(path);
    untyped.write("{}");
    await untyped.expect(415, NO_JSON);
    await request(app).post(path).expect(415, NO_JSON);
  });

  test("answers 415 to a compressed body, which could expand to any size", async () => {
    await post()
      .set("Content-Type", "application/json")
      .set("Content-Encoding", "gzip")
      .serialize((body) => body)
      .send(gzipSync("{}"))
      .expect(415, { error: "The body must not be compressed." });
  });

  test("accepts a body of 1 MB, and answers 413 to one byte more, with and without Content-Length", async () => {
    const postJson = () => post().set("Content-Type", "application/json");

    await postJson().send(jsonOf(MEGABYTE)).expect(200, { status: "ignored" });
    const tooLarge = jsonOf(MEGABYTE + 1);
    await postJson().send(tooLarge).expect(413, TOO_LARGE);
    const chunked = postJson().set("Transfer-Encoding", "chunked");
    chunked.write(tooLarge);
    await chunked.expect(413, TOO_LARGE);
  });
});
