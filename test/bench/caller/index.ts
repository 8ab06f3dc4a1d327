import { z } from "zod";
import { startHelper } from "../processes/helper.ts";

export type CallerOrder = { url: string; kind: "pizza" | "balance"; count: number; atOnce: number };

/** The calls of our reactions without the server around them: a loop of bare axios calls in a process of its own. */
export type Caller = {
  /** Milliseconds for so many reactions. */
  react(order: CallerOrder): Promise<number>;
  kill(): void;
};

export function startCaller(): Caller {
  const { ask, kill } = startHelper(new URL("main.ts", import.meta.url));
  return { react: (order) => ask("react", order, z.number()), kill };
}
