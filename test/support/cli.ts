import { execFile } from "node:child_process";
import type { Environment } from "../../src/config.ts";

export type Ended = { code: number; out: string; err: string };

/** Runs one of the operator's commands as a process of its own, with these settings and no others. */
export function runCli(name: string, args: readonly string[], settings: Environment): Promise<Ended> {
  const file = `src/cli/${name}.ts`;
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, ...settings };
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
