import { execFileSync } from "node:child_process";
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { median } from "./figure.ts";

export type Machine = {
  node: string;
  cpu: string;
  cpus: number;
  memoryGb: number;
  /** Median of writing 4 kB through to the disk, in ms. */
  fsyncMs: number;
  /** null outside of a repository. */
  commit: string | null;
};

const SYNCS = 50;

/** What the numbers were measured on, and of. The disk is the one of the folder. */
export function describeMachine(folder: string): Machine {
  return {
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    cpus: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    fsyncMs: measureFsync(join(folder, "fsync")),
    commit: commit(),
  };
}

function measureFsync(path: string): number {
  const file = openSync(path, "w");
  const page = Buffer.alloc(4096, 1);
  const times = Array.from({ length: SYNCS }, () => {
    const startedAt = performance.now();
    writeSync(file, page);
    fsyncSync(file);
    return performance.now() - startedAt;
  });
  closeSync(file);
  return median(times);
}

function commit(): string | null {
  try {
    const options = { cwd: import.meta.dirname, encoding: "utf8", stdio: "pipe" } as const;
    return execFileSync("git", ["describe", "--always", "--dirty"], options).trim();
  } catch {
    return null;
  }
}
