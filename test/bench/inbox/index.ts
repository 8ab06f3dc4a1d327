import { z } from "zod";
import { startHelper } from "../processes/helper.ts";

const times = z.object({ acceptMs: z.number(), claimMs: z.number() });
const rounds = z.array(z.object({ empty: times, full: times }));

export type CompareOrder = {
  /** For the two databases. */
  folder: string;
  /** Jobs in the full one. */
  settled: number;
  waiting: number;
  rounds: number;
  /** For each round: so often 64 jobs are accepted and 64 claimed. */
  batches: number;
};

/** Times the inbox over a full and over an empty database, in a process of its own. Kept alive until `kill`. */
export function startInboxes() {
  const { ask, kill } = startHelper(new URL("main.ts", import.meta.url));
  return { compare: (order: CompareOrder) => ask("compare", order, rounds), kill };
}
