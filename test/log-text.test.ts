import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { addressIn } from "../src/demo/server-process.ts";
import { createLog } from "../src/log.ts";
import { createLogOutput } from "../src/log-output.ts";
import { createReadableText } from "../src/log-text.ts";
import { stopClock } from "./support/clock.ts";
import { addressOf, COMPILE_CACHE, startProcess } from "./support/process.ts";
import { temporaryFolder } from "./support/store.ts";

const source = (name: string) => fileURLToPath(new URL(`../src/${name}`, import.meta.url));
const ESCAPE = String.fromCharCode(27);

/** A log whose lines are made readable, and what it wrote. */
async function createReadableLog(hasColors = false) {
  const textOf = await createReadableText(hasColors);
  let text = "";
  const write = (line: string) => {
    text += textOf(line);
  };
  return { log: createLog("trace", { write }), text: () => text };
}

describe("a readable line", () => {
  test("has the time in UTC, the name of the level, the message and the fields", async () => {
    stopClock();
    vi.setSystemTime("2026-01-05T23:51:07.042Z");
    const { log, text } = await createReadableLog();
    log.child({ platform: "webex" }).warn({ jobs: ["a", "b"], token: "invented" }, "Look.");
    expect(text()).toBe(
      '[2026-01-05T23:51:07.042Z] WARN: Look. {"platform":"webex","jobs":["a","b"],"token":"[hidden]"}\n',
    );
  });

  test("shows the stack of an error on lines of its own", async () => {
    const { log, text } = await createReadableLog();
    log.error({ err: new TypeError("It failed.") }, "An error.");
    expect(text()).toMatch(/ ERROR: An error\. *\n(.*\n)* +TypeError: It failed\.\n +at /);
  });

  test("shows what could steer the terminal or feign another line as escapes", async () => {
    const { log, text } = await createReadableLog(true);
    const evil = "a\u009b2Jb\u007f\u202ec\u001b[2J\n[2026-01-05T23:51:07.042Z] INFO: d";
    const err = Object.assign(new Error(evil), { name: evil, code: evil });
    log.error({ [evil]: evil, err, list: [{ evil }] }, evil);
    const withoutColors = text().replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, "g"), "");
    expect(withoutColors).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
    expect(withoutColors).not.toMatch(/^\[2026-01-05/m);
    expect(withoutColors).toContain("a\\u009b2Jb\\u007f\\u202ec\\u001b[2J\\u000a[2026");
  });

  test("is written as it is when it is no JSON", async () => {
    const textOf = await createReadableText(false);
    expect(textOf(`no${ESCAPE} JSON\n`)).toBe("no\\u001b JSON\n");
  });
});

test("a gap is reported in a readable line, too", async () => {
  stopClock();
  const path = join(temporaryFolder(), "log");
  const file = openSync(path, "w");
  onTestFinished(() => closeSync(file));
  const output = createLogOutput(await createReadableText(false), () => file);
  output.write(`${JSON.stringify({ msg: "x".repeat(1_100_000) })}\n`);
  await vi.advanceTimersByTimeAsync(100);
  expect(readFileSync(path, "utf8")).toMatch(/^\[.*Z\] WARN: 1 log lines were dropped here: .*\n$/);
});

/** The server in a pseudo-terminal, until it is stopped there. What it wrote. */
async function runInTerminal(environment: Record<string, string>): Promise<string> {
  const program = `exec "${process.execPath}" --require "${source("boot.cjs")}" "${source("main.ts")}"`;
  const child = spawn("script", ["-qec", program, "/dev/null"], {
    cwd: temporaryFolder(),
    env: {
      ...COMPILE_CACHE,
      PATH: process.env.PATH,
      PORT: "0",
      NGROK_API_URL: "http://127.0.0.1:1",
      ...environment,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  child.stdout.on("data", (bytes) => {
    text += String(bytes);
  });
  await vi.waitFor(() => expect(addressIn(text)).toBeDefined(), 10_000);
  const ended = once(child, "close");
  // Ctrl+C.
  child.stdin.write("\u0003");
  expect(await ended).toEqual([0, null]);
  return text.replaceAll("\r\n", "\n");
}

/** `script` takes other arguments elsewhere. */
describe.skipIf(process.platform !== "linux")("on standard output", () => {
  test("the log is readable and in colour in a terminal, to its last line", async () => {
    const text = await runInTerminal({ TERM: "xterm" });
    expect(text).toContain(`${ESCAPE}[32mINFO${ESCAPE}[39m: ${ESCAPE}[36mListening on http://127.0.0.1:`);
    expect(text.trimEnd().split("\n").at(-1)).toContain("Stopped.");
    expect(text).not.toContain('{"level"');
  });

  test.each([{ TERM: "xterm", NO_COLOR: "1" }, { TERM: "dumb" }])(
    "it has no colours in a terminal with %j",
    async (environment) => {
      const text = await runInTerminal(environment);
      expect(text).toMatch(/^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] INFO: Listening on /m);
      expect(text).not.toContain(ESCAPE);
    },
  );

  test("it is JSON in a pipe, and pino-pretty is not loaded", async () => {
    const noPretty = `
      import { registerHooks } from "node:module";
      registerHooks({ resolve(name, context, next) {
        if (name === "pino-pretty") throw new Error("loaded for nothing");
        return next(name, context);
      } });`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(noPretty)}`;
    const server = startProcess({ environment: { TERM: "xterm", NODE_OPTIONS } });
    await addressOf(server);
    server.child.kill("SIGTERM");
    const { stdout, code } = await server.ended;
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line) => typeof JSON.parse(line).level)).toEqual(lines.map(() => "number"));
  });
});
