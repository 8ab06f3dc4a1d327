import { setTimeout as sleep } from "node:timers/promises";
import { alternate, type Figure } from "../figure.ts";
import { restingMemory } from "../memory.ts";
import type { Target } from "../target.ts";

/** Until what is done once after the start is done. */
const REST_MS = 500;
const MEMORY_ROUNDS = 3;

export const startTime: Figure = {
  id: "start",
  name: "start until /healthz answers",
  baseline: "bare Express",
  unit: "ms",
  target: { ratio: { atMost: 2.2 } },
  async measure({ pace, upstream, startOther, startOurs }) {
    await upstream.setLatency(0);
    const timed = async (starting: Promise<Target>) => {
      const target = await starting;
      await target.stop();
      return target.startedMs;
    };
    // The same database each time; it is made in the warm-up.
    return alternate(
      pace.rounds,
      () => timed(startOther("bare")),
      () => timed(startOurs("ours-start")),
      (baseline, ours) => ({ baseline, ours }),
    );
  },
};

export const memoryAtRest: Figure = {
  id: "memory-at-rest",
  name: "memory at rest (RSS)",
  baseline: "bare Express",
  unit: "MB",
  target: { ratio: { atMost: 1.4 } },
  async measure({ upstream, startOther, startOurs }) {
    await upstream.setLatency(0);
    const rounds = [];
    for (let round = 0; round < MEMORY_ROUNDS; round += 1) {
      // At the same time: two processes that rest do not disturb each other.
      const targets = await Promise.all([startOther("bare"), startOurs("ours-rest")]);
      await sleep(REST_MS);
      const [baseline, ours] = await Promise.all([
        restingMemory(targets[0].pid),
        restingMemory(targets[1].pid),
      ]);
      await Promise.all(targets.map(({ stop }) => stop()));
      rounds.push({ baseline, ours });
    }
    return rounds;
  },
};
