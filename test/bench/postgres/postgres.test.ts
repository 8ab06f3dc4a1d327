import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { hasPostgres } from "../../support/postgres.ts";
import { type Bench, FULL_PACE, startBench } from "../bench.ts";
import { measurePostgres } from "./index.ts";
import { canTell, limitOf, watched } from "./processor.ts";
import { splitsOf, splitsTable } from "./splits.ts";

const TINY = {
  ...FULL_PACE,
  percentileRounds: 1,
  roundMs: 100,
  chats: 200,
  reactions: 20,
  servers: [1, 2],
  jobs: { settled: 3000, waiting: 3000 },
};
/** It starts a PostgreSQL and four servers, beside all other tests. */
const PATIENCE_MS = 120_000;

describe.skipIf(!hasPostgres())("with a PostgreSQL and servers of its own", () => {
  let bench: Bench | null = null;
  afterEach(async () => bench?.stop());

  test(
    "measures every figure, and who uses the processor",
    async () => {
      bench = await startBench(TINY);
      const { figures, splits, version } = await measurePostgres(bench, () => {});

      expect(version).toMatch(/^\d+\.\d+/);
      expect(figures.map(({ id }) => id)).toEqual([
        "postgres-acks-1",
        "postgres-acks-2",
        "postgres-ack-p99-1",
        "postgres-ack-p99-2",
        "postgres-reactions-1",
        "postgres-reactions-2",
        "postgres-claim",
        "postgres-accept",
        "postgres-due",
        "postgres-count",
        "postgres-list",
      ]);
      const rounds = figures.flatMap(({ rounds }) => rounds);
      expect(rounds).toHaveLength(figures.length);
      expect(rounds.filter(({ ours, baseline }) => !(ours > 0 && baseline > 0))).toEqual([]);
      if (!canTell) return;
      const clusters = ["1 server on SQLite", "1 server on PostgreSQL", "2 servers on PostgreSQL"];
      expect(splits.map(({ what, cluster }) => `${what} of ${cluster}`)).toEqual(
        ["acks of", "reactions of"].flatMap((what) => clusters.map((cluster) => `${what} ${cluster}`)),
      );
      const used = splits.map(({ msPerThousand: { servers, postgres } }) => [servers > 0, postgres > 0]);
      expect(used).toEqual([0, 1].flatMap(() => [[true, false], ...Array(2).fill([true, true])]));
    },
    PATIENCE_MS,
  );
});

describe.skipIf(!canTell)("the processor time of a process", () => {
  const BURN = "const end = performance.now() + 200; while (performance.now() < end);";

  test("counts that of the processes which it has started, of those that have ended, too", async () => {
    const starter = `process.stdin.once("data", () => {
      require("node:child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(BURN)}]);
      console.log("done");
    })`;
    const child = spawn(process.execPath, ["-e", starter]);
    onTestFinished(() => void child.kill("SIGKILL"));
    const processes = { servers: [], postgres: [child.pid ?? 0], load: [], platforms: [] };

    const [, use] = await watched(processes, async () => {
      child.stdin.write("go\n");
      await once(child.stdout, "data");
    });

    // Others may want the processor, too.
    expect(use.tookMs.postgres).toBeGreaterThan(60);
    expect(use.tookMs.servers).toBe(0);
    expect(use.busy).toBeGreaterThan(0);
    expect(use.own).toBeGreaterThan(0);
    expect(use.own).toBeLessThanOrEqual(1.1);
  });

  test("is refused of one that does not run", async () => {
    const processes = { servers: [2 ** 30], postgres: [], load: [], platforms: [] };
    await expect(watched(processes, async () => {})).rejects.toThrow("process 1073741824 cannot be read");
  });
});

describe("what limits a rate", () => {
  const busiest = (share: number) => ({ party: "platforms", share }) as const;

  test("is the processor where next to nothing of it is left", () => {
    expect(limitOf({ busy: 0.95, busiest: busiest(0.95) })).toBe("the processor");
  });

  test("is one thread where that is busy all the time", () => {
    expect(limitOf({ busy: 0.6, busiest: busiest(0.97) })).toBe("one thread of: platforms");
  });

  test("is the waiting for commits where there is processor left for all", () => {
    expect(limitOf({ busy: 0.6, busiest: busiest(0.5) })).toBe("waiting for commits");
  });
});

test("the processor time is told for a thousand, of the rounds' medians", () => {
  const use = (ms: number) => ({
    tookMs: { servers: ms, postgres: ms / 2, load: 0, platforms: 0 },
    busy: 0.5,
    own: 0.25,
    busiest: { party: "servers", share: 0.95 } as const,
  });
  const sample = (ms: number) => ({ perSecond: ms, p99: 1, count: 500, use: use(ms) });
  const taken = [{ cluster: { name: "2 servers" }, samples: [sample(100), sample(900), sample(300)] }];
  const splits = splitsOf("acks", taken);

  expect(splits).toMatchObject([
    { cluster: "2 servers", perSecond: 300, msPerThousand: { servers: 600, postgres: 300 } },
  ]);
  expect(splitsTable(splits).split("\n")[1]).toMatch(
    /^acks of 2 servers +300\/s +600 ms +300 ms +0 ms +0 ms +25% +50% +one thread of: servers$/,
  );
  const untold = [{ cluster: { name: "2 servers" }, samples: [{ ...sample(1), use: null }] }];
  expect(splitsOf("acks", untold)).toEqual([]);
});
