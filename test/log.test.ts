import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { createLog } from "../src/log.ts";
import { createLogSink } from "./support/log.ts";

const FIELDS = [
  "accessToken",
  "refreshToken",
  "webhookSecret",
  "access_token",
  "refresh_token",
  "client_secret",
  "clientSecret",
  "secret_key",
  "secret",
  "token",
  "code",
  "authorization",
  "cookie",
  "text",
  "body",
];

describe("the value of a field that may hold a secret or a person's words is never logged", () => {
  test.each(FIELDS)("%s", (name) => {
    const { log, text } = createLogSink();
    log.info({ [name]: "invented", kept: "this" }, "on its own");
    log.info({ credentials: { [name]: "invented" }, kept: "this" }, "within something");
    log.info({ [name]: { deep: "invented" }, kept: "this" }, "as more than a text");
    log.child({ [name]: "invented" }).info({ kept: "this" }, "in a child log");
    expect(text()).not.toContain("invented");
    expect(text().match(/"kept":"this"/g)).toHaveLength(4);
    expect(text().match(/\[hidden\]/g)).toHaveLength(4);
  });

  test("in the fields of an error", () => {
    const { log, text } = createLogSink();
    log.error({ err: Object.assign(new Error("It failed."), { token: "invented" }) }, "an error");
    expect(text()).not.toContain("invented");
    expect(text()).toContain("It failed.");
  });

  test("in an error of an HTTP client, which holds its request", () => {
    const { log, text } = createLogSink();
    const config = { headers: { authorization: "Bearer invented" }, data: { text: "invented" } };
    log.error({ err: Object.assign(new Error("It failed."), { config }) }, "an error");
    log.error({ request: { headers: { Authorization: "Bearer invented" } } }, "with a capital");
    expect(text()).not.toContain("invented");
  });
});

test("a secret within a list is hidden, and what is next to it stays", () => {
  const { log, text } = createLogSink();
  log.info({ jobs: [{ key: "one", token: "invented" }, { key: "two" }] }, "a list");
  log.info({ jobs: ["one", "two"], token: "invented" }, "a plain list");
  expect(text()).not.toContain("invented");
  expect(text().match(/"two"/g)).toHaveLength(2);
});

test("a line is one JSON object, with level, time and message", () => {
  const { log, text } = createLogSink();
  log.warn({ job: "webex:1" }, "two\nlines");
  expect(text().trimEnd().split("\n")).toHaveLength(1);
  expect(JSON.parse(text())).toMatchObject({
    level: 40,
    time: expect.any(Number),
    job: "webex:1",
    msg: "two\nlines",
  });
});

test("lines below the level are not logged", () => {
  const lines: string[] = [];
  const log = createLog("warn", { write: (line) => void lines.push(line) });
  log.info("no");
  log.warn("yes");
  expect(lines).toHaveLength(1);
  createLog("silent", { write: (line) => void lines.push(line) }).fatal("no");
  expect(lines).toHaveLength(1);
});

test("without a destination, the log goes to standard output", () => {
  const source = new URL("../src/log.ts", import.meta.url).href;
  const program = `import { createLog } from ${JSON.stringify(source)}; createLog("info").info({ token: "invented" }, "Hello.");`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({ msg: "Hello.", token: "[hidden]" });
});
