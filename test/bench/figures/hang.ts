import { alternate, type Figure } from "../figure.ts";
import { licensesFrom, prefill } from "../prefill.ts";
import { dripAndReact } from "../reactions.ts";

const UPSTREAM_MS = 5;
const FIRST_HANGING = 5001;
const FIRST_WELL = 6001;

export const hang: Figure = {
  id: "hang",
  name: "Webex reply p95 while chat.io hangs for 80 licenses (40/s, upstream 5 ms)",
  baseline: "the same without the hang",
  unit: "ms",
  target: { ratio: { atMost: 2 } },
  async measure(bench) {
    const { upstream, pace } = bench;
    const count = pace.hanging.licenses;
    const hanging = licensesFrom(FIRST_HANGING, count);
    const well = licensesFrom(FIRST_WELL, count);
    await upstream.setLatency(UPSTREAM_MS);
    await upstream.behave(hanging, "hangs");
    const jobs = { jobsEach: pace.hanging.jobsEach, areRenewed: false };
    const start = (name: string, licenses: readonly number[]) =>
      bench.startOurs(name, async (path) => void (await prefill(path, upstream, { licenses, ...jobs })));
    const baseline = await start("well", well);
    await baseline.idle();
    const ours = await start("hanging", hanging);
    const order = { kinds: ["balance"], connections: 16, perSecond: 40, ms: 2 * pace.roundMs } as const;
    const rounds = await alternate(
      pace.rounds,
      async () => (await dripAndReact(bench, baseline, order)).reactionP95,
      async () => (await dripAndReact(bench, ours, order)).reactionP95,
      (without, withHang) => ({ ours: withHang, baseline: without }),
    );
    if (ours.unfinished() === 0) throw new Error("No call has hung.");
    // A proper stop would wait for calls that nobody answers.
    ours.kill();
    await baseline.stop();
    return rounds;
  },
};
