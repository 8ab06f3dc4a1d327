import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startPruning } from "../../../src/work/prune.ts";
import { aJob } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";
import { aClaim } from "../in-hand.ts";

const JOBS_A_ROUND = 2000;

test("if settled jobs are deleted, the file stops growing, however many jobs pass through it", async () => {
  const path = join(temporaryFolder(), "test.db");
  const { inbox, desk } = openTestStore(path);
  const sizes: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    await inbox.accept(Array.from({ length: JOBS_A_ROUND }, () => aJob()));
    const jobs = await inbox.claim(aClaim({ owner: "worker-1", limit: JOBS_A_ROUND, leaseMs: 60_000 }));
    await Promise.all(jobs.map((job) => inbox.settle(job, { state: "done", outcome: "replied" }, {})));
    // Everything settled before now counts as old.
    const pruning = startPruning({ inbox, log: createLogSink().log, keepMs: -1, steadyMs: 0 });
    await expect.poll(() => desk.countByState(), { timeout: 5000 }).toMatchObject({ done: 0 });
    await pruning.stop();
    sizes.push(statSync(path).size + statSync(`${path}-wal`).size);
  }
  const [, second = 0] = sizes;
  expect(sizes.at(-1)).toBeLessThanOrEqual(second * 1.5);
}, 20_000);
