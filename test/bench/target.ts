import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { addressIn } from "../../src/demo/server-process.ts";
import type { Kind } from "./load/order.ts";
import type { Resources } from "./resources.ts";

/** A server under load, in a process of its own. */
export type Target = {
  url: string;
  pid: number;
  /** Milliseconds from starting the process until /healthz answered. */
  startedMs: number;
  /** What it answers to each kind of delivery when all is well. */
  answers: Readonly<Record<Kind, string>>;
  secrets: { chatio: string; livechat: string; webex: string };
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>;
  kill(): void;
};

export type TargetOptions = Pick<Target, "answers" | "secrets"> & {
  /** Of Node.js. */
  program: readonly string[];
  settings: Readonly<Record<string, string>>;
  folder: string;
  /** Told of the process as soon as there is one. */
  keep: Resources["keep"];
};

const POLL_EVERY_MS = 3;
const PATIENCE_MS = 15_000;

/**
 * Starts the program with these settings alone, on a free port that it names. What it writes goes to a file, as under a
 * service manager.
 */
export async function startTarget({
  program,
  folder,
  settings,
  keep,
  ...known
}: TargetOptions): Promise<Target> {
  const logPath = `${folder}/output.log`;
  const log = openSync(logPath, "w");
  const startedAt = performance.now();
  const child = spawn(process.execPath, program, {
    cwd: folder,
    // No NODE_COMPILE_CACHE for either: `npm start` sets none.
    env: { ...settings, PORT: "0" },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const ended = once(child, "exit");
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const { kill } = keep({ kill: () => void child.kill("SIGKILL") });

  let url: string | undefined;
  while (url === undefined || !(await isHealthy(url))) {
    if (hasEnded() || performance.now() - startedAt > PATIENCE_MS) {
      kill();
      throw new Error(`The server did not start:\n${readFileSync(logPath, "utf8")}`);
    }
    await sleep(POLL_EVERY_MS);
    url ??= addressIn(readFileSync(logPath, "utf8"));
  }
  const startedMs = performance.now() - startedAt;
  return {
    ...known,
    url,
    pid: child.pid ?? 0,
    startedMs,
    kill,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function isHealthy(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const asked = get(`${url}/healthz`, { agent: false }, (answer) => {
    answer.resume();
    resolve(answer.statusCode === 200);
  });
  asked.once("error", () => resolve(false));
  return promise;
}
