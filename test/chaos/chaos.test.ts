import { expect, test } from "vitest";
import { runChaos } from "./run.ts";

const SEED = 20_261_121;
const ROUNDS = 3;

test.each(["livechat", "chatio"] as const)(
  `killed again and again under load on %s (seed ${SEED}), the server loses nothing, stays in no chat, repeats next to nothing`,
  {
    timeout: 90_000,
  },
  async (platform) => {
    const report = await runChaos({ platform, rounds: ROUNDS, seed: SEED });
    expect(report).toMatchObject({
      kills: ROUNDS,
      lost: 0,
      stayed: 0,
      unfinished: 0,
      halfInstalled: 0,
      exitCode: 0,
    });
    expect(report.accepted).toBeGreaterThan(10 * ROUNDS);
    expect(report.repeated).toBeLessThanOrEqual(report.inHandAtKills);
  },
);
