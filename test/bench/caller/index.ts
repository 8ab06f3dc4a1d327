import { z } from "zod";
import { startHelper } from "../processes/helper.ts";
import { LICENSE } from "../upstream/facts.ts";
import type { Upstream } from "../upstream/index.ts";

export type CallerOrder = { kind: "pizza" | "balance"; count: number; atOnce: number };

/** The calls of our reactions without the server around them: a loop of bare axios calls in a process of its own. */
export type Caller = {
  /** Milliseconds for so many reactions. */
  react(order: CallerOrder): Promise<number>;
  kill(): void;
};

/** More than there are reactions at once. */
const PLACES = 1000;

export async function startCaller(upstream: Upstream): Promise<Caller> {
  const { ask, kill } = startHelper(new URL("main.ts", import.meta.url));
  const [bot] = await upstream.install([LICENSE]);
  const [chats, questions] = [await upstream.openChats(LICENSE, PLACES), await upstream.ask(PLACES)];
  await ask("know", { ...upstream.urls, bot, chats, questions }, z.undefined());
  return { react: (order) => ask("react", order, z.number()), kill };
}
