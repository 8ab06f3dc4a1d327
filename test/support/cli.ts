import { execFile } from "node:child_process";
import type { Environment } from "../../src/config.ts";
import { COMPILE_CACHE } from "./process.ts";

export type Ended = { code: number; out: string; err: string };

/** Runs one of the operator's commands as a process of its own, with these settings and no others. */
export function runCli(name: string, args: readonly string[], settings: Environment): Promise<Ended> {
  const file = `src/cli/${name}.ts`;
  return new Promise((resolve) => {
    // Nobody asks an ngrok agent that may be running on this machine.
    const env = { ...COMPILE_CACHE, NGROK_API_URL: "http://127.0.0.1:1", ...settings };
    execFile(
      process.execPath,
      ["--require", "./src/node-version.cjs", file, ...args],
      { env },
      (error, out, err) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, out, err });
      },
    );
  });
}
