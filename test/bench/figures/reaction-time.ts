import type { Bench } from "../bench.ts";
import { alternate, type Figure, type Round } from "../figure.ts";
import { post } from "../load/deliveries.ts";

const UPSTREAM_MS = 50;
const CALLS = ["join_chat", "send_event", "remove_from_chat"];
const common = { baseline: "three sequential round trips", unit: "ms" } as const;

export const oneReaction: Figure = {
  ...common,
  id: "one-reaction",
  name: "one reaction from webhook to leave (upstream 50 ms)",
  target: { ratio: { atMost: 1.05 } },
  measure: (bench) => reactions(bench, 1),
};

export const fortyReactions: Figure = {
  ...common,
  id: "forty-reactions",
  name: "40 reactions in 40 chats at once (upstream 50 ms)",
  target: { ratio: { atMost: 1.25 } },
  measure: (bench) => reactions(bench, 40),
};

/** From the first delivery's first byte until the last leave was answered. */
async function reactions(bench: Bench, count: number): Promise<Round[]> {
  const { upstream, load, pace } = bench;
  const { ours } = await bench.pair(UPSTREAM_MS);
  const { host } = new URL(upstream.url);
  const requests = CALLS.map((call) => post(`/agent/v0.3/action/${call}`, host, {}, "{}"));
  return alternate(
    pace.shortRounds,
    async () => sum(await load.inTurn(upstream.url, requests)),
    async () => {
      await upstream.reset();
      const left = upstream.reached("remove_from_chat", count);
      const { startedAt } = await bench.flood(ours, { kinds: ["pizza"], connections: count, count });
      return (await left) - startedAt;
    },
    (baseline, took) => ({ ours: took, baseline }),
  );
}

function sum(times: readonly number[]): number {
  return times.reduce((all, time) => all + time, 0);
}
