import { alternate, type Figure } from "../figure.ts";
import { CONNECTIONS } from "./acks.ts";

/** None of them is in the deliveries that are sent, but many begin like a word there. */
const RULES = Array.from({ length: 500 }, (_, n) => ({
  words: [`where${n}`, `word${n}`, `you and ${n}`],
  reply: `Reply ${n}`,
}));

export const manyRules: Figure = {
  id: "acks-ignored-500-rules",
  name: "acknowledged webhooks that need none, with 500 rules",
  baseline: "with one rule",
  unit: "/s",
  target: { ratio: { atLeast: 0.9 } },
  async measure(bench) {
    const { ours: one } = await bench.pair(0);
    const many = await bench.startOurs("rules", undefined, RULES);
    const order = { kinds: ["smalltalk"], connections: CONNECTIONS, ms: bench.pace.roundMs / 3 } as const;
    for (const target of [one, many]) await bench.flood(target, { ...order, ms: bench.pace.roundMs });
    const rounds = await alternate(
      bench.pace.shortRounds,
      () => bench.flood(one, order),
      () => bench.flood(many, order),
      (baseline, { perSecond }) => ({ ours: perSecond, baseline: baseline.perSecond }),
    );
    await many.stop();
    return rounds;
  },
};
