import type { Bench } from "../bench.ts";
import { alternate, type Figure, type Round } from "../figure.ts";
import type { Kind } from "../load/order.ts";

export const CONNECTIONS = 32;
const common = { baseline: "bare express.json() that answers 200", unit: "/s" } as const;

export const acksAtLimit: Figure = {
  ...common,
  id: "acks-at-limit",
  name: "acknowledged webhooks that need a reaction, worker at its limit (upstream 1 s)",
  target: { ratio: { atLeast: 0.9 } },
  measure: (bench) => floods(bench, "pizza", 1000),
};

export const acksFlatOut: Figure = {
  ...common,
  id: "acks-flat-out",
  name: "the same, worker flat out (upstream 0 ms)",
  target: { ratio: { atLeast: 0.3 }, limit: { of: "p99", unit: "ms", atMost: 40 } },
  measure: (bench) => floods(bench, "pizza", 0),
};

export const acksIgnored: Figure = {
  ...common,
  id: "acks-ignored",
  name: "acknowledged webhooks that need none",
  target: { ratio: { atLeast: 0.9 } },
  measure: (bench) => floods(bench, "smalltalk", 0),
};

/** As many deliveries as both can take, in turns. */
export async function floods(
  bench: Bench,
  kind: Kind,
  upstreamMs: number,
  rounds = bench.pace.shortRounds,
): Promise<Round[]> {
  const { ours, bare } = await bench.pair(upstreamMs);
  // Cut short: of two neighbours far apart one may be disturbed, and the other not.
  const order = { kinds: [kind], connections: CONNECTIONS, ms: bench.pace.roundMs / 3 };
  return alternate(
    rounds,
    async () => {
      // What the last round has left would be worked on beside the baseline, and wait longer and longer. The jobs in
      // hand stay where they are: against a slow upstream the worker stays at its limit that way.
      ours.empty();
      if (upstreamMs === 0) await ours.idle();
      return bench.flood(bare, order);
    },
    () => bench.flood(ours, order),
    (baseline, { perSecond, p99 }) => ({ ours: perSecond, baseline: baseline.perSecond, limited: p99 }),
  );
}
