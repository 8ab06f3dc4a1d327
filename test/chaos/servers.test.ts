import { describe, expect, test } from "vitest";
import { hasPostgres } from "../support/postgres.ts";
import { runServersChaos } from "./servers.ts";

const SEED = 20_261_126;
const PLAN = ["pause", "kill", "crash"] as const;

describe.skipIf(!hasPostgres())("three servers on one PostgreSQL", () => {
  test(`one is paused, one is killed, and PostgreSQL crashes, under load (seed ${SEED}): nothing is lost, and only what was in hand is repeated`, {
    timeout: 90_000,
  }, async () => {
    const report = await runServersChaos({
      platform: "chatio",
      servers: 3,
      rounds: PLAN.length,
      seed: SEED,
      plan: PLAN,
      isHurried: true,
    });
    expect(report).toMatchObject({
      troubles: { pause: 1, kill: 1, crash: 1 },
      lost: 0,
      stayed: 0,
      unexplained: 0,
      disordered: 0,
      unfinished: 0,
      crashed: 0,
    });
    expect(report.accepted).toBeGreaterThan(10 * PLAN.length);
  });
});
