import { expect, test } from "vitest";
import { runChaos } from "./run.ts";

const SEED = 20_261_121;

test.each(["livechat", "chatio"] as const)(
  `killed again and again under load on %s (seed ${SEED}), the server loses nothing, stays in no chat, repeats next to nothing`,
  {
    timeout: 90_000,
  },
  async (platform) => {
    const report = await runChaos({ platform, rounds: 5, seed: SEED });
    expect(report).toMatchObject({
      kills: 5,
      lost: 0,
      stayed: 0,
      unfinished: 0,
      halfInstalled: 0,
      exitCode: 0,
    });
    expect(report.accepted).toBeGreaterThan(50);
    expect(report.repeated).toBeLessThanOrEqual(report.inHandAtKills);
  },
);
