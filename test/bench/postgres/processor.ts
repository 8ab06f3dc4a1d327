import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

/** Whose processor time is told apart. */
export const PARTIES = ["servers", "postgres", "load", "platforms"] as const;
export type Party = (typeof PARTIES)[number];

/** The first process of each party; whatever that has started counts with it. */
export type Processes = Readonly<Record<Party, readonly number[]>>;

/** Who has used the processor while something was measured. */
export type Use = {
  /** Milliseconds of processor time. */
  tookMs: Record<Party, number>;
  /** Of all processors, by anybody: 1 is all of them all the time. */
  busy: number;
  /** The same, by the parties: on a shared machine others have the rest. */
  own: number;
  /** Of one processor, by the busiest process that has only one thread for its work. */
  busiest: { party: Party; share: number };
};

/** The unit of /proc/<pid>/stat: Linux shows every user space a hundred ticks a second. */
const TICK_MS = 10;
/** Where no more than this is left, the processor is what limits. */
const FULL = 0.9;

/** Only Linux tells the processor time of processes that have ended. */
export const canTell = existsSync("/proc/self/stat");

type Stat = { pid: number; parent: number; tookMs: number; ofEndedMs: number };
type Look = { at: number; idle: number; all: number; tookMs: Map<Party, number[]> };

/** Does the work; tells who has used the processor meanwhile. Throws outside of Linux: see `canTell`. */
export async function watched<T>(processes: Processes, work: () => Promise<T>): Promise<[T, Use]> {
  const before = look(processes);
  const result = await work();
  return [result, useOf(before, look(processes))];
}

/** What kept the rate from being higher. */
export function limitOf({ busy, busiest }: Pick<Use, "busy" | "busiest">): string {
  if (busy >= FULL) return "the processor";
  if (busiest.share >= FULL) return `one thread of: ${busiest.party}`;
  return "waiting for commits";
}

function look(processes: Processes): Look {
  const all = readAll();
  const times = cpus().map(({ times }) => times);
  return {
    at: performance.now(),
    idle: times.reduce((sum, { idle }) => sum + idle, 0),
    all: times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0),
    tookMs: new Map(PARTIES.map((party) => [party, processes[party].map((pid) => takenUnder(pid, all))])),
  };
}

function useOf(before: Look, after: Look): Use {
  const tookMs: Record<Party, number> = { servers: 0, postgres: 0, load: 0, platforms: 0 };
  let busiest: Use["busiest"] = { party: "servers", share: 0 };
  for (const party of PARTIES) {
    for (const [index, ms] of (after.tookMs.get(party) ?? []).entries()) {
      const took = ms - (before.tookMs.get(party)?.[index] ?? 0);
      const share = took / (after.at - before.at);
      tookMs[party] += took;
      if (party !== "postgres" && share > busiest.share) busiest = { party, share };
    }
  }
  const all = PARTIES.reduce((sum, party) => sum + tookMs[party], 0);
  const own = all / (after.at - before.at) / cpus().length;
  return { tookMs, busy: 1 - (after.idle - before.idle) / (after.all - before.all), own, busiest };
}

/** By the process, by those that it has started and by those of them that have ended. */
function takenUnder(pid: number, all: readonly Stat[]): number {
  const own = all.find((one) => one.pid === pid);
  if (own === undefined) throw new Error(`The processor time of process ${pid} cannot be read.`);
  const started = all.filter(({ parent }) => parent === pid);
  return started.reduce((sum, one) => sum + takenUnder(one.pid, all), own.tookMs + own.ofEndedMs);
}

function readAll(): Stat[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readOne(name) ?? []);
}

/** proc_pid_stat(5): the fields after the name, which may hold anything. null: the process has just ended. */
function readOne(name: string): Stat | null {
  try {
    const text = readFileSync(`/proc/${name}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ms = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) * TICK_MS;
    return { pid: Number(name), parent: Number(fields[1]), tookMs: ms(11), ofEndedMs: ms(13) };
  } catch {
    return null;
  }
}
