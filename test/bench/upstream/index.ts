import { z } from "zod";
import { startHelper } from "../processes/helper.ts";
import type { Behaviour } from "./licenses.ts";

const state = z.object({
  /** The webhook secret that the bot agent was made with last. */
  secret: z.string(),
  /** Accepted so far. */
  connections: z.number(),
  /** Answered calls by name since the last reset. */
  calls: z.record(z.string(), z.number()),
});

/** A stand-in for both platforms in a process of its own: as fast as can be, but for the latency it is told. */
export type Upstream = {
  url: string;
  /** Milliseconds from a whole request to its answer, from now on. */
  setLatency(ms: number): Promise<void>;
  /** Answers nothing until it is released. */
  hold(): Promise<void>;
  /** Tells when, on the shared clock. */
  release(): Promise<number>;
  /** From now on; licenses are known by their `tokenOf`. */
  behave(licenses: readonly number[], behaviour: Behaviour): Promise<void>;
  /**
   * When the last call of the reaction to each delivery was answered, on the shared clock, by the delivery's id. Waits
   * for all of them, for at most `patienceMs`.
   */
  endings(ids: readonly string[], patienceMs: number): Promise<Record<string, number>>;
  /** Counts from 0 again. */
  reset(): Promise<void>;
  /** Resolves once that many calls of this name are answered: when, on the shared clock. To be asked before it happens. */
  reached(call: string, count: number): Promise<number>;
  state(): Promise<z.infer<typeof state>>;
  kill(): void;
};

const nothing = z.undefined();

export async function startUpstream(): Promise<Upstream> {
  const { ask, kill } = startHelper(new URL("main.ts", import.meta.url));
  const port = await ask("port", undefined, z.number());
  return {
    url: `http://127.0.0.1:${port}`,
    setLatency: (ms) => ask("setLatency", ms, nothing),
    hold: () => ask("hold", undefined, nothing),
    release: () => ask("release", undefined, z.number()),
    behave: (licenses, behaviour) => ask("behave", { licenses, behaviour }, nothing),
    endings: (ids, patienceMs) => ask("endings", { ids, patienceMs }, z.record(z.string(), z.number())),
    reset: () => ask("reset", undefined, nothing),
    reached: (call, count) => ask("reached", { call, count }, z.number()),
    state: () => ask("state", undefined, state),
    kill,
  };
}
