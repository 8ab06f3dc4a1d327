import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import type { LogOutput } from "../../src/log-output.ts";
import { startServer } from "../../src/server.ts";
import { createSender } from "../soak/sender.ts";
import { aWebexDelivery, SIGNING_SECRET, webexSignatures } from "../support/deliveries.ts";
import { type MuteProcess, startMuteProcess } from "../support/mute-process.ts";
import { asOperator, PASSWORD } from "../support/operator.ts";
import { addressOf, startProcess } from "../support/process.ts";
import { UNREACHABLE_WEBEX } from "../support/settings.ts";
import { temporaryFolder } from "../support/store.ts";

const SETTINGS = {
  ...UNREACHABLE_WEBEX,
  WT_WEBHOOK_SECRET: SIGNING_SECRET,
  ADMIN_PASSWORD: PASSWORD,
};

/** Ids as long as they may be, so that few deliveries make a long log. */
function genuine(n: number): { body: string; headers: Record<string, string> } {
  const body = JSON.stringify(
    aWebexDelivery({ data: { id: `M${n}${"x".repeat(990)}`, roomId: `ROOM${n}` } }),
  );
  return { body, headers: webexSignatures(body, SIGNING_SECRET) };
}

const forged = { body: "{}", headers: { "X-Spark-Signature": "wrong" } };

type Answered = { status: number; ms: number };

/** Posts over 32 connections; how each was answered, and after how many ms. */
async function postAll(url: string, deliveries: readonly ReturnType<typeof genuine>[]): Promise<Answered[]> {
  const { send, close } = createSender(url);
  onTestFinished(close);
  const post = async ({ body, headers }: ReturnType<typeof genuine>) => {
    const since = performance.now();
    const status = await send("POST", "/wtwebhook", body, headers);
    return { status, ms: performance.now() - since };
  };
  const left = deliveries.values();
  const answers: Answered[] = [];
  const sender = async () => {
    for (const delivery of left) answers.push(await post(delivery));
  };
  await Promise.all(Array.from({ length: 32 }, sender));
  return answers;
}

async function droppedLines(url: string): Promise<number> {
  const { text } = await asOperator(url).get("/metrics").expect(200);
  return Number(/^chatops_log_lines_dropped_total (\d+)$/m.exec(text)?.[1]);
}

/** Reads what is in the pipe and what comes, from now on. */
function readLog({ stdout }: MuteProcess): () => string {
  let text = "";
  stdout?.on("data", (bytes) => {
    text += String(bytes);
  });
  return () => text;
}

test("a full disk under the log: deliveries are answered all the same, and the server stops in time", async () => {
  const full = openSync("/dev/full", "w");
  onTestFinished(() => closeSync(full));
  const server = await startMuteProcess(SETTINGS, full);

  const answers = await postAll(server.url, [genuine(1), forged, genuine(2), forged]);

  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 401, 401]);
  expect(await droppedLines(server.url)).toBe(0);
  const ended = await server.stop();
  expect(ended.code).toBe(0);
  expect(ended.ms).toBeLessThan(3000);
});

test("a log that nobody reads holds up no delivery; read again, it goes on and says what is missing", async () => {
  const server = await startMuteProcess(SETTINGS);
  const deliveries = Array.from({ length: 1500 }, (_, n) => (n % 10 === 0 ? forged : genuine(n)));

  const answers = await postAll(server.url, deliveries);

  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1350);
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(5000);
  const dropped = await droppedLines(server.url);
  expect(dropped).toBeGreaterThan(100);

  const log = readLog(server);
  await vi.waitFor(() => expect(log()).toContain("log lines were dropped"), 5000);
  await postAll(server.url, [genuine(9000)]);
  await vi.waitFor(() => expect(log()).toContain('"jobs":["webex:M9000xxx'), 5000);

  const ended = await server.stop();
  expect(ended.code).toBe(0);
  const lines = log()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const notices = lines.filter((line) => typeof line.dropped === "number");
  expect(notices).toHaveLength(1);
  expect(notices[0]).toMatchObject({ level: 40, time: expect.any(Number) });
  expect(notices[0].dropped).toBeGreaterThanOrEqual(dropped);
  expect(lines.at(-1).msg).toBe("Stopped.");
});

/** A named pipe that is open, and that nobody reads. */
function unreadPipe(): number {
  const path = join(temporaryFolder(), "log");
  execFileSync("mkfifo", [path]);
  const pipe = openSync(path, constants.O_RDWR);
  onTestFinished(() => closeSync(pipe));
  return pipe;
}

test.each([
  ["socket", () => "pipe" as const],
  ["pipe", unreadPipe],
])("with a %s as its log that nobody reads, it ends in time when it is told to stop", async (_what, log) => {
  const server = await startMuteProcess(SETTINGS, log());
  const answers = await postAll(
    server.url,
    Array.from({ length: 300 }, (_, n) => genuine(n)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));

  const ended = await server.stop();

  expect(ended.code).toBe(0);
  expect(ended.ms).toBeLessThan(3000);
});

test("the server has stopped only when its last line was given its time to be written", async () => {
  const calls: string[] = [];
  let written: () => void = () => {};
  const output: LogOutput = {
    dropped: () => 0,
    write: (line) => void calls.push(JSON.parse(line).msg),
    flush: (done) => {
      calls.push("flush");
      written = done;
    },
  };
  const config = readConfig({ DATABASE_URL: `file:${join(temporaryFolder(), "test.db")}`, PORT: "0" });
  const server = await startServer(config, { log: createLog("info", output) });

  const stopped = server.stop().then(() => calls.push("stopped"));
  await vi.waitFor(() => expect(calls.slice(-2)).toEqual(["Stopped.", "flush"]));
  written();
  await stopped;

  expect(calls.slice(-3)).toEqual(["Stopped.", "flush", "stopped"]);
});

test("what was logged before a crash is in the log", async () => {
  const crash = 'process.once("SIGUSR2", () => { throw new Error("crashed for a test"); });';
  const server = startProcess({
    environment: { ...SETTINGS, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}` },
  });
  const url = await addressOf(server);
  await postAll(url, [genuine(1)]);
  server.child.kill("SIGUSR2");

  const { code, stdout, stderr } = await server.ended;

  expect(code).toBe(1);
  expect(stderr).toContain("crashed for a test");
  expect(stdout).toContain('"msg":"Delivery accepted."');
});
