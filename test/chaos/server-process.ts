import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Environment } from "../../src/config.ts";

const PATIENCE_MS = 15_000;

export type ServerProcess = {
  /** Kills it at once, as a power cut would. */
  kill(): Promise<void>;
  /** Asks it to stop; tells its exit code. */
  stop(): Promise<number | null>;
  output(): string;
};

/** Starts the real server as a process of its own; resolves when it answers. */
export async function startServerProcess(settings: Environment, url: string): Promise<ServerProcess> {
  const child = spawn(process.execPath, ["--require", "./src/node-version.cjs", "src/main.ts"], {
    env: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => output.push(String(data)));
  await untilHealthy(child, url, () => output.join(""));
  return {
    async kill() {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
      return child.exitCode;
    },
    output: () => output.join(""),
  };
}

async function untilHealthy(child: ChildProcess, url: string, output: () => string): Promise<void> {
  const endsAt = Date.now() + PATIENCE_MS;
  while (Date.now() < endsAt && child.exitCode === null) {
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.ok) return;
    await sleep(10);
  }
  child.kill("SIGKILL");
  throw new Error(`The server did not start:\n${output()}`);
}
