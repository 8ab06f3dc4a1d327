import { setTimeout as sleep } from "node:timers/promises";
import { alternate, type Figure } from "../figure.ts";

const UPSTREAM_MS = 50;
/** Three calls and some time to keep what came of them. */
const REACTION_MS = 250;

export const ackLatency: Figure = {
  id: "ack-latency",
  name: "ack p99 at 200/s while reactions run (upstream 50 ms)",
  baseline: "bare express.json() at 200/s",
  unit: "ms",
  target: { ratio: { atMost: 3 }, limit: { of: "p99", unit: "ms", atMost: 25 } },
  async measure(bench) {
    const { ours, bare } = await bench.pair(UPSTREAM_MS);
    const order = { kinds: ["pizza"], connections: 32, perSecond: 200, ms: bench.pace.roundMs } as const;
    return alternate(
      bench.pace.rounds,
      () => bench.drip(bare, order),
      async () => {
        const report = await bench.drip(ours, order);
        await sleep(REACTION_MS);
        return report;
      },
      (baseline, { p99 }) => ({ ours: p99, baseline: baseline.p99, limited: p99 }),
    );
  },
};
