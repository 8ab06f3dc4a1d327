import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished, vi } from "vitest";
import { addressIn } from "../../src/demo/server-process.ts";
import { temporaryFolder } from "./store.ts";

const source = (name: string) => fileURLToPath(new URL(`../../src/${name}`, import.meta.url));

/** Spares processes that tests start the compiling of the sources. */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? "" };

export type Ended = { code: number | null; stdout: string; stderr: string };

export type TestProcess = {
  child: ChildProcess;
  /** Everything it has written to standard output so far. */
  stdout(): string;
  /** What is left of it once it has ended. */
  ended: Promise<Ended>;
};

export type ProcessOptions = {
  environment?: Record<string, string>;
  /** A new one, unless given. */
  folder?: string;
};

/** The server as `npm start` starts it, with these settings alone; killed when the test is finished. */
export function spawnServer(
  { environment = {}, folder = temporaryFolder() }: ProcessOptions,
  flags: readonly string[],
  stdio: StdioOptions,
): ChildProcess {
  const program = [...flags, "--require", source("boot.cjs"), source("main.ts")];
  const child = spawn(process.execPath, program, {
    cwd: folder,
    // Nobody asks an ngrok agent that may be running on this machine.
    env: { ...COMPILE_CACHE, PORT: "0", NGROK_API_URL: "http://127.0.0.1:1", ...environment },
    stdio,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** The same, and what it writes. */
export function startProcess(options: ProcessOptions = {}): TestProcess {
  const child = spawnServer(options, [], ["ignore", "pipe", "pipe"]);
  const said = { stdout: "", stderr: "" };
  child.stdout?.on("data", (bytes) => {
    said.stdout += String(bytes);
  });
  child.stderr?.on("data", (bytes) => {
    said.stderr += String(bytes);
  });
  const ended = once(child, "close").then(([code]) => ({ code, ...said }));
  return { child, stdout: () => said.stdout, ended };
}

/** The address that the process says it listens on. */
export async function addressOf({ stdout, child }: TestProcess): Promise<string> {
  return vi.waitFor(
    () => {
      const url = addressIn(stdout());
      if (url === undefined) throw new Error(`not listening, exit code ${child.exitCode}: ${stdout()}`);
      return url;
    },
    { timeout: 10_000 },
  );
}
