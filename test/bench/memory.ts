import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const READS = 12;
const BETWEEN_MS = 100;

/** The least memory (RSS, in MB) that the process is seen with within a second or so. */
export async function restingMemory(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let read = 0; read < READS; read += 1) {
    least = Math.min(least, kibibytes(pid));
    await sleep(BETWEEN_MS);
  }
  return (least * 1024) / 1e6;
}

/** Only Linux has /proc. */
function kibibytes(pid: number): number {
  const status = `/proc/${pid}/status`;
  const text = existsSync(status)
    ? (/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(status, "utf8"))?.[1] ?? "")
    : execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
  const size = Number.parseInt(text, 10);
  if (Number.isNaN(size)) throw new Error(`The memory of process ${pid} cannot be read.`);
  return size;
}
