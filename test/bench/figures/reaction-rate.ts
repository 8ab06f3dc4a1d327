import type { Bench } from "../bench.ts";
import { alternate, type Figure, type Round } from "../figure.ts";

/** As many as the worker has in hand. */
const AT_ONCE = 64;
const CONNECTIONS = 32;

export const reactionRate: Figure = {
  id: "reactions",
  name: "reactions (upstream 0 ms, 64 at once)",
  baseline: "the same three requests by bare axios, 64 at once",
  unit: "/s",
  target: { ratio: { atLeast: 1.6 } },
  measure: (bench) => rates(bench, "pizza", "remove_from_chat"),
};

export const replyRate: Figure = {
  id: "replies",
  name: "Webex replies (upstream 0 ms, 64 at once)",
  baseline: "the same two requests by bare axios, 64 at once",
  unit: "/s",
  target: { ratio: { atLeast: 1 } },
  measure: (bench) => rates(bench, "balance", "POST /messages"),
};

/**
 * The upstream is held until all deliveries are in the inbox, so that taking them in is not measured; then from its
 * release until it has answered the last call of the last reaction.
 */
async function rates(bench: Bench, kind: "pizza" | "balance", lastCall: string): Promise<Round[]> {
  const { upstream, caller, pace } = bench;
  const { ours } = await bench.pair(0);
  const count = pace.reactions;
  return alternate(
    pace.rounds,
    async () => (count * 1000) / (await caller.react({ kind, count, atOnce: AT_ONCE })),
    async () => {
      if (kind === "balance") await bench.askFor(count + CONNECTIONS);
      await upstream.reset();
      await upstream.hold();
      const ended = upstream.reached(lastCall, count);
      await bench.flood(ours, { kinds: [kind], connections: CONNECTIONS, count });
      const startedAt = upstream.release();
      const endedAt = await ended;
      await ours.idle();
      return (count * 1000) / (endedAt - startedAt);
    },
    (baseline, rate) => ({ ours: rate, baseline }),
  );
}
