import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Environment } from "../config/config.ts";

const PATIENCE_MS = 30_000;
const source = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

const PRELOADED = ["boot.cjs", "demo/end-with-parent.cjs"].flatMap((name) => ["--require", source(name)]);

export type ServerProcess = {
  /** Where it listens. */
  url: string;
  /** Its name among the servers on its database. */
  name: string;
  /** Kills it at once, as a power cut would. */
  kill(): Promise<void>;
  /** Asks it to stop. Returns its exit code. */
  stop(): Promise<number | null>;
  /** Lets it do nothing at all until it is resumed, as a machine does that is put to sleep. Not on Windows. */
  pause(): void;
  resume(): void;
  /** Resolves when it has ended, for whatever reason. */
  ended: Promise<void>;
  /** Its output so far. */
  output(): string;
};

export type ServerProcessOptions = {
  /** Its whole environment. The log level must be info: the address is read from the log. */
  settings: Environment;
  /** Its working folder, from which it reads `.env` if there is one. */
  folder: string;
  /** The page to which its own pages lead back; without one it is the server as `npm start` runs it. */
  demoUrl?: string;
};

/** Starts the real server in its own process. Resolves when it answers; throws with its output if it does not. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { demoUrl } = options;
  const program = demoUrl === undefined ? [source("main.ts")] : [source("demo/server.ts"), demoUrl];
  const child = spawn(process.execPath, [...PRELOADED, ...program], {
    cwd: options.folder,
    env: { ...options.settings },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => output.push(String(data)));
  const ended = once(child, "exit").then(() => undefined);
  const server = await untilHealthy(child, () => output.join(""));
  return {
    ...server,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      child.kill("SIGTERM");
      await ended;
      return child.exitCode;
    },
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    ended,
    output: () => output.join(""),
  };
}

/** The address in a server's output, which says it once it listens. */
export function addressIn(output: string): string | undefined {
  return /Listening on (http:\/\/[^\s,"]+)/.exec(output)?.[1];
}

const health = z.object({ server: z.string() });

async function untilHealthy(
  child: ChildProcess,
  output: () => string,
): Promise<Pick<ServerProcess, "url" | "name">> {
  const endsAt = Date.now() + PATIENCE_MS;
  while (Date.now() < endsAt && child.exitCode === null && child.signalCode === null) {
    const url = addressIn(output());
    const answer = url === undefined ? null : await fetch(`${url}/healthz`).catch(() => null);
    if (url !== undefined && answer?.ok) return { url, name: health.parse(await answer.json()).server };
    await sleep(10);
  }
  child.kill("SIGKILL");
  throw new Error(`The server did not start:\n${output()}`);
}
