import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../bench.ts";
import { processorTimes } from "../cpu.ts";
import { alternate, type Figure, median } from "../figure.ts";
import { get } from "../load/deliveries.ts";
import { licensesFrom, prefill } from "../prefill.ts";
import { shared } from "./shared.ts";

const FIRST_LICENSE = 10_001;
const REQUESTS = 15;

export const home: Figure = {
  id: "home",
  name: "GET / with 5,000 licenses, median",
  baseline: "with one",
  unit: "ms",
  target: { limit: { of: "median", unit: "ms", atMost: 10 } },
  async measure(bench) {
    const { ours: one } = await bench.pair(0);
    const { ours: many } = await licensed(bench);
    const timed = async ({ url }: { url: string }) => {
      const request = get("/", new URL(url).host);
      return median(await bench.load.inTurn(url, Array(REQUESTS).fill(request)));
    };
    return alternate(
      bench.pace.rounds,
      () => timed(one),
      () => timed(many),
      (baseline, ours) => ({ ours, baseline, limited: ours }),
    );
  },
};

export const idleCpu: Figure = {
  id: "idle-cpu",
  name: "processor time with 5,000 idle licenses",
  baseline: "one core",
  unit: "ms",
  target: { ratio: { atMost: 0.02 } },
  async measure(bench) {
    const { ours, startedAt } = await licensed(bench);
    const { rounds, everydayAfterMs, cpuMs } = bench.pace;
    await sleep(Math.max(startedAt + everydayAfterMs - performance.now(), 0));
    const times = await processorTimes(ours.pid, rounds, cpuMs);
    await ours.stop();
    return times;
  },
};

/**
 * The server goes on while other figures are measured: a minute after its start it begins to look at its licenses' bot
 * agents, as it does from then on, and what that takes belongs to the figure. In the first three minutes of that it looks
 * a third more often than later.
 */
const licensed = shared(async (bench: Bench) => {
  const licenses = licensesFrom(FIRST_LICENSE, bench.pace.licenses);
  await bench.upstream.setLatency(0);
  const ours = await bench.startOurs(
    "licenses",
    async (path) => void (await prefill(path, bench.upstream, { licenses, jobsEach: 0, areRenewed: true })),
  );
  return { ours, startedAt: performance.now() };
});
