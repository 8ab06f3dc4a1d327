import type { Bench } from "../bench.ts";
import type { Figure } from "../figure.ts";
import type { Kind } from "../load/order.ts";
import { restingMemory } from "../memory.ts";
import type { Ours } from "../servers.ts";

/**
 * Of all that is written in chats very little is of pizza. Few enough reactions for the worker to keep up with, too:
 * what is looked for is what deliveries leave behind, not what an inbox that fills takes.
 */
const MOSTLY_SMALLTALK: readonly Kind[] = ["pizza", ...Array<Kind>(63).fill("smalltalk")];

export const memoryGrowth: Figure = {
  id: "memory-growth",
  name: "memory (RSS) after 200,000 deliveries",
  baseline: "after 20,000",
  unit: "MB",
  target: { ratio: { atMost: 1.1 } },
  async measure(bench) {
    const [few, many] = bench.pace.deliveries;
    await bench.upstream.setLatency(0);
    const ours = await bench.startOurs("memory");
    const baseline = await memoryAfter(few, ours, bench);
    const rounds = [{ baseline, ours: await memoryAfter(many - few, ours, bench) }];
    await ours.stop();
    return rounds;
  },
};

async function memoryAfter(count: number, ours: Ours, bench: Bench): Promise<number> {
  await bench.flood(ours, { kinds: MOSTLY_SMALLTALK, connections: 32, count });
  await ours.idle();
  return restingMemory(ours.pid);
}
