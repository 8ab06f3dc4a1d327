import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { NewJob } from "../../../src/job.ts";
import { createLog } from "../../../src/log.ts";
import { openPostgresServerStore } from "../../../src/store/postgres/index.ts";
import type { Store } from "../../../src/store/store.ts";
import { aClaim } from "../../store/in-hand.ts";
import { median } from "../figure.ts";
import { method, serve } from "../processes/serve.ts";
import { quotaOf } from "./fill.ts";

/** As the worker claims, and a few deliveries for each turn of the event loop, as they come in. */
const TOGETHER = 16;
const PAGE = 50;
const LEASE_MS = 600_000;

const order = z.object({ empty: z.string(), full: z.string(), rounds: z.number(), batches: z.number() });
const NAMES = ["accept", "claim", "count", "list", "due"] as const;
type Times = Record<(typeof NAMES)[number], number>;

let made = 0;

// Both stores live in one process and take turns, so that they are compiled, and disturbed, alike.
serve({
  compare: method(order, async ({ empty, full, rounds, batches }) => {
    const stores = { empty: await open(empty), full: await open(full) };
    const measured: { empty: Times; full: Times }[] = [];
    // The first is a warm-up.
    for (let round = 0; round <= rounds; round += 1) {
      const times: { empty: Times[]; full: Times[] } = { empty: [], full: [] };
      for (let batch = 0; batch < batches; batch += 1) {
        times.empty.push(await work(stores.empty));
        times.full.push(await work(stores.full));
      }
      measured.push({ empty: medians(times.empty), full: medians(times.full) });
    }
    await Promise.all([stores.empty.close(), stores.full.close()]);
    return measured.slice(1);
  }),
});

/** As of a server: beside it, it adds up what was counted. */
function open(url: string): Promise<Store> {
  const log = createLog("silent", { write() {} });
  return openPostgresServerStore({ url, encryptionSecretsOf: () => [], log });
}

/** Milliseconds for each. */
async function work({ inbox, desk }: Store): Promise<Times> {
  const owner = "worker-1";
  const jobs = Array.from({ length: TOGETHER }, aJob);
  const accept = await timed(async () => {
    const added = await Promise.all(jobs.map((job) => inbox.accept([job])));
    if (added.some((count) => count !== 1)) throw new Error("A job that is new was not accepted as such.");
  });
  const due = await timed(() => inbox.nextDueInMs(owner, ["chatio", "livechat", "webex"]));
  let claimed: Awaited<ReturnType<typeof inbox.claim>> = [];
  const claim = await timed(async () => {
    claimed = await inbox.claim(aClaim({ owner, limit: TOGETHER, leaseMs: LEASE_MS }));
  });
  if (claimed.length < TOGETHER) throw new Error(`Only ${claimed.length} jobs could be claimed.`);
  await Promise.all(claimed.map((job) => inbox.settle(job, { state: "done", outcome: "replied" }, {})));
  const count = await timed(() => desk.countByState());
  const list = await timed(() => desk.list({ state: null, limit: PAGE }));
  return { accept, claim, count, list, due };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function medians(all: readonly Times[]): Times {
  const of = (name: keyof Times) => median(all.map((times) => times[name]));
  return { accept: of("accept"), claim: of("claim"), count: of("count"), list: of("list"), due: of("due") };
}

/** In a chat of its own, of some license. */
function aJob(): NewJob {
  made += 1;
  const quota = quotaOf(made * 37);
  const chatId = randomUUID();
  return {
    key: `${quota}:${chatId}:event-1`,
    platform: "chatio",
    lane: `${quota}:${chatId}`,
    quota,
    payload: { account: "20001", chatId, replies: [{ text: "Pizza is on the way!", to: "agents" }] },
  };
}
