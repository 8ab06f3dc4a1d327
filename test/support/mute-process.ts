import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { spawnServer } from "./process.ts";

/** Tells the port on descriptor 3, since the log cannot be read. */
const TELL_PORT = `data:text/javascript,${encodeURIComponent(`
  import { subscribe } from "node:diagnostics_channel";
  import { writeSync } from "node:fs";
  subscribe("tracing:net.server.listen:asyncEnd", ({ server }) => writeSync(3, server.address().port + "\\n"));
`)}`;

export type MuteProcess = {
  child: ChildProcess;
  url: string;
  /** The pipe that nobody reads until the test does; null where it is a file. */
  stdout: Readable | null;
  /** Sends SIGTERM; how it ended, and after how many milliseconds. */
  stop(): Promise<{ code: number | null; ms: number }>;
};

/** The server as `npm start` starts it, with a log that nobody reads: a descriptor, or a pipe. */
export async function startMuteProcess(
  environment: Record<string, string>,
  log: number | "pipe" = "pipe",
): Promise<MuteProcess> {
  const child = spawnServer({ environment }, ["--import", TELL_PORT], ["ignore", log, "inherit", "pipe"]);
  const exited = once(child, "exit");
  const told = child.stdio[3];
  if (!told) throw new Error("descriptor 3 is missing");
  const [port] = await Promise.race([once(told, "data"), exited]);
  return {
    child,
    url: `http://127.0.0.1:${Number(String(port))}`,
    stdout: child.stdout,
    async stop() {
      const since = performance.now();
      child.kill("SIGTERM");
      const [code] = await exited;
      return { code, ms: performance.now() - since };
    },
  };
}
