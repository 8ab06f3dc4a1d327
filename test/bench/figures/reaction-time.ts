import type { Bench } from "../bench.ts";
import { alternate, type Figure, type Round } from "../figure.ts";
import { post } from "../load/deliveries.ts";
import type { Kind } from "../load/order.ts";
import { LICENSE } from "../upstream/facts.ts";
import { livechatVisit, type VisitCall, visit } from "../upstream/visit.ts";

const UPSTREAM_MS = 50;
const common = { baseline: "three sequential round trips", unit: "ms" } as const;

export const oneReaction: Figure = {
  ...common,
  id: "one-reaction",
  name: "one reaction from webhook to leave (upstream 50 ms)",
  target: { ratio: { atMost: 1.05 } },
  measure: async (bench) => reactions(bench, await chatioWay(bench), 1),
};

export const oneLivechatReaction: Figure = {
  ...common,
  id: "one-livechat-reaction",
  name: "one reaction on LiveChat (upstream 50 ms)",
  target: { ratio: { atMost: 1.05 } },
  measure: async (bench) => reactions(bench, await livechatWay(bench), 1),
};

export const fortyReactions: Figure = {
  ...common,
  id: "forty-reactions",
  name: "40 reactions in 40 chats at once (upstream 50 ms)",
  target: { ratio: { atMost: 1.15 } },
  measure: async (bench) => reactions(bench, await chatioWay(bench), 40),
};

/** How a platform is told of pizza, and the requests of the reaction, in a chat that is left as it was found. */
type Way = { kind: Kind; url: string; requests: string[]; lastCall: string };

/** From the first delivery's first byte until the last leave was answered. */
async function reactions(
  bench: Bench,
  { kind, url, requests, lastCall }: Way,
  count: number,
): Promise<Round[]> {
  const { upstream, load, pace } = bench;
  const { ours } = await bench.pair(UPSTREAM_MS);
  return alternate(
    pace.shortRounds,
    async () => sum(await load.inTurn(url, requests)),
    async () => {
      await upstream.reset();
      const left = upstream.reached(lastCall, count);
      const { startedAt } = await bench.flood(ours, { kinds: [kind], connections: count, count });
      return (await left) - startedAt;
    },
    (baseline, took) => ({ ours: took, baseline }),
  );
}

async function chatioWay({ upstream }: Bench): Promise<Way> {
  const [bot] = await upstream.install([LICENSE]);
  const [chat] = await upstream.openChats(LICENSE, 1);
  if (!bot || !chat) throw new Error("There is no bot, or no chat for it.");
  const { chatio: url } = upstream.urls;
  const requests = requestsOf(url, "/agent/v0.3/action", bot.accessToken, visit(bot, chat));
  return { kind: "pizza", url, requests, lastCall: "remove_from_chat" };
}

async function livechatWay({ upstream }: Bench): Promise<Way> {
  const bot = await upstream.installAtLivechat();
  const [chat] = await upstream.openLivechatChats(1);
  if (!chat) throw new Error("There is no chat for the bot.");
  const { livechat: url } = upstream.urls;
  const requests = requestsOf(url, "/v3.6/agent/action", bot.botToken, livechatVisit(bot, chat));
  return { kind: "livechatPizza", url, requests, lastCall: "remove_user_from_chat" };
}

function requestsOf(url: string, path: string, token: string, calls: readonly VisitCall[]): string[] {
  const { host } = new URL(url);
  const headers = { Authorization: `Bearer ${token}` };
  return calls.map(({ call, body }) => post(`${path}/${call}`, host, headers, JSON.stringify(body)));
}

function sum(times: readonly number[]): number {
  return times.reduce((all, time) => all + time, 0);
}
