import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PARENT = fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url));

const PATIENCE_MS = 5000;
const PAUSE_MS = 50;

/** What must be gone at the end, however that comes. */
export type Resources = {
  /** On the project's own disk: /tmp is often kept in memory, where a commit waits for nothing. */
  folder: string;
  /** Kills it in the end. */
  keep<T extends { kill(): void }>(process: T): T;
  /** At once and without waiting, so that it can be done while the process exits. */
  release(): void;
};

export function createResources(): Resources {
  mkdirSync(PARENT, { recursive: true });
  const folder = mkdtempSync(join(PARENT, "bench-"));
  const processes: { kill(): void }[] = [];

  function release(): void {
    process.removeListener("exit", release);
    for (const process of processes.splice(0)) process.kill();
    remove(folder);
  }

  process.once("exit", release);
  return {
    folder,
    keep(process) {
      processes.push(process);
      return process;
    },
    release,
  };
}

/** Tries again: a process that was just killed may still write while its folder is deleted. */
function remove(folder: string): void {
  const until = performance.now() + PATIENCE_MS;
  rmSync(folder, { recursive: true, force: true });
  while (existsSync(folder) && performance.now() < until) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    rmSync(folder, { recursive: true, force: true });
  }
}
