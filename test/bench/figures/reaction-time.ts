import type { Bench } from "../bench.ts";
import { alternate, type Figure, type Round } from "../figure.ts";
import { post } from "../load/deliveries.ts";
import { LICENSE } from "../upstream/facts.ts";
import { visit } from "../upstream/visit.ts";

const UPSTREAM_MS = 50;
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
  const { chatio } = upstream.urls;
  const requests = await visitOf(bench);
  return alternate(
    pace.shortRounds,
    async () => sum(await load.inTurn(chatio, requests)),
    async () => {
      await upstream.reset();
      const left = upstream.reached("remove_from_chat", count);
      const { startedAt } = await bench.flood(ours, { kinds: ["pizza"], connections: count, count });
      return (await left) - startedAt;
    },
    (baseline, took) => ({ ours: took, baseline }),
  );
}

/** The requests of one reaction, in a chat that is left as it was found. */
async function visitOf({ upstream }: Bench): Promise<string[]> {
  const [bot] = await upstream.install([LICENSE]);
  const [chat] = await upstream.openChats(LICENSE, 1);
  if (!bot || !chat) throw new Error("There is no bot, or no chat for it.");
  const { host } = new URL(upstream.urls.chatio);
  return visit(bot, chat).map(({ call, body }) =>
    post(
      `/agent/v0.3/action/${call}`,
      host,
      { Authorization: `Bearer ${bot.accessToken}` },
      JSON.stringify(body),
    ),
  );
}

function sum(times: readonly number[]): number {
  return times.reduce((all, time) => all + time, 0);
}
