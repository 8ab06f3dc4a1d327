import { randomInt, randomUUID } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { NewJob } from "../../../src/job.ts";
import { openSqliteStore } from "../../../src/store/sqlite/index.ts";
import type { Inbox, Store } from "../../../src/store/store.ts";
import { aClaim } from "../../store/in-hand.ts";
import { method, serve } from "../processes/serve.ts";
import { fillJobs, KEY_STEP } from "./jobs-table.ts";

/** As the worker claims; and a few deliveries for each turn of the event loop, as they come in. */
const CLAIMED = 64;
const TOGETHER = 16;

const order = z.object({
  folder: z.string(),
  settled: z.number(),
  waiting: z.number(),
  rounds: z.number(),
  batches: z.number(),
});
type Times = { acceptMs: number; claimMs: number };

// Both stores live in one process and take turns, so that they are compiled, and disturbed, alike.
serve({
  compare: method(order, async ({ folder, settled, waiting, rounds, batches }) => {
    const emptyPath = join(folder, "empty.db");
    const fullPath = join(folder, "full.db");
    await open(fullPath).close();
    fillJobs(fullPath, { settled, waiting });
    const empty = open(emptyPath);
    const full = open(fullPath);
    const jobs = settled + waiting;
    const measured: { empty: Times; full: Times }[] = [];
    // The first is a warm-up.
    for (let round = 0; round <= rounds; round += 1) {
      measured.push({ empty: await work(empty, jobs, batches), full: await work(full, jobs, batches) });
    }
    await Promise.all([empty.close(), full.close()]);
    return measured.slice(1);
  }),
});

function open(path: string): Store {
  return openSqliteStore({ path, encryptionSecretsOf: () => [] });
}

/** Milliseconds in sum. Sums and not medians, since one commit of many has to write back the log for all of them. */
async function work({ inbox }: Store, jobs: number, batches: number): Promise<Times> {
  const times: Times = { acceptMs: 0, claimMs: 0 };
  for (let batch = 0; batch < batches; batch += 1) {
    const acceptedAt = performance.now();
    for (let n = 0; n < CLAIMED; n += TOGETHER) await acceptTogether(inbox, jobs);
    const claimedAt = performance.now();
    const claimed = await inbox.claim(aClaim({ owner: "worker-1", limit: CLAIMED, leaseMs: 600_000 }));
    times.acceptMs += claimedAt - acceptedAt;
    times.claimMs += performance.now() - claimedAt;
    if (claimed.length < CLAIMED) throw new Error(`Only ${claimed.length} jobs could be claimed.`);
    await Promise.all(claimed.map((job) => inbox.settle(job, { state: "done", outcome: "replied" }, {})));
  }
  return times;
}

async function acceptTogether(inbox: Inbox, jobs: number): Promise<void> {
  const added = await Promise.all(Array.from({ length: TOGETHER }, () => inbox.accept([aJob(jobs)])));
  if (added.some((count) => count !== 1)) throw new Error("A job that is new was not accepted as such.");
}

/** Ids are as good as random in real life: its key belongs anywhere among those that are there. */
function aJob(jobs: number): NewJob {
  const chatId = String(randomInt(jobs * KEY_STEP)).padStart(12, "0");
  return {
    key: `chatio:1520:${chatId}:${randomUUID()}`,
    platform: "chatio",
    lane: `chatio:1520:${chatId}:${randomUUID()}`,
    quota: "chatio:1520",
    payload: { account: "1520", chatId, replies: [{ text: "Pizza is on the way!", to: "agents" }] },
  };
}
