import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Round } from "./figure.ts";

/** The unit of /proc/<pid>/stat: Linux shows every user space a hundred ticks a second. */
const TICK_MS = 10;

/** So many times for `ms`: the processor time that the process takes (ours) of what one core has (baseline), in ms. */
export async function processorTimes(pid: number, times: number, ms: number): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < times; round += 1) {
    const from = { taken: takenMs(pid), at: performance.now() };
    await sleep(ms);
    rounds.push({ ours: takenMs(pid) - from.taken, baseline: performance.now() - from.at });
  }
  return rounds;
}

/** By all threads, in user and in system mode. Only Linux has /proc. */
function takenMs(pid: number): number {
  const stat = `/proc/${pid}/stat`;
  const ms = existsSync(stat)
    ? ticksIn(readFileSync(stat, "utf8")) * TICK_MS
    : msIn(execFileSync("ps", ["-o", "time=", "-p", String(pid)], { encoding: "utf8" }));
  if (Number.isNaN(ms)) throw new Error(`The processor time of process ${pid} cannot be read.`);
  return ms;
}

/** proc_pid_stat(5): utime and stime are the 12th and 13th field after the name, which may hold anything. */
function ticksIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** As in 1:23.45 or 1:02:03. */
function msIn(time: string): number {
  return time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
}
