import type { Bench, DripOptions } from "./bench.ts";
import { sharedNow } from "./clock.ts";
import type { Target } from "./target.ts";

export type Dripped = {
  /** Of the acknowledgements, in ms. */
  ackP99: number;
  /** Of the reactions, in ms: from when its delivery was to be sent until the last call of the reaction was answered. */
  reactionP95: number;
};

/** Sends deliveries that need a reaction, and waits for the reactions. */
export async function dripAndReact(bench: Bench, target: Target, order: DripOptions): Promise<Dripped> {
  if (order.kinds.includes("balance")) {
    await bench.askFor(Math.ceil((order.perSecond * order.ms) / 1000) + order.connections);
  }
  const { p99, dueAt } = await bench.drip(target, order);
  const endedAt = await bench.upstream.endings(Object.keys(dueAt), bench.pace.patienceMs);
  const now = sharedNow();
  const times = Object.entries(dueAt).map(([place, at]) => (endedAt[place] ?? now) - at);
  return { ackP99: p99, reactionP95: percentile(times, 0.95) };
}

/** By the nearest rank; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? Number.NaN;
}
