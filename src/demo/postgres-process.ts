import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { LocalPostgres } from "./postgres.ts";

const WATCHER = fileURLToPath(new URL("./postgres-watcher.ts", import.meta.url));
const BOOT = fileURLToPath(new URL("../boot.cjs", import.meta.url));

const message = z.union([z.object({ url: z.string() }), z.object({ problem: z.string() })]);

/** What the watcher says once: where PostgreSQL listens, or why it does not. */
export type PostgresMessage = z.infer<typeof message>;

/**
 * Starts a PostgreSQL of its own on this machine, which ends with this process, however this one ends. Throws an Error with a
 * sentence for people if it cannot run here.
 */
export async function startPostgresProcess(): Promise<Pick<LocalPostgres, "url" | "stop">> {
  // In a group of its own: Ctrl+C in a terminal reaches all others, but the servers still need the database to stop in order.
  const watcher = spawn(process.execPath, ["--require", BOOT, WATCHER], {
    detached: true,
    windowsHide: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  // One that could not be started has ended.
  const ended = once(watcher, "exit").then(nothing, nothing);
  const read = message.safeParse(await Promise.race([messageOf(watcher), ended]));
  if (!read.success) throw unusable("it ended at once");
  if ("problem" in read.data) {
    // Until it has deleted what it has made.
    await ended;
    throw unusable(read.data.problem);
  }
  return {
    url: read.data.url,
    async stop() {
      if (watcher.connected) watcher.disconnect();
      await ended;
    },
  };
}

function nothing(): null {
  return null;
}

function messageOf(watcher: ChildProcess): Promise<unknown> {
  return once(watcher, "message").then(([first]: unknown[]) => first, nothing);
}

function unusable(reason: string): Error {
  return new Error(`Several servers need a real PostgreSQL, which cannot run here: ${reason}.`);
}
