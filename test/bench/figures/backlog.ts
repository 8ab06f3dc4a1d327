import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../bench.ts";
import { processorTimes } from "../cpu.ts";
import { alternate, type Figure } from "../figure.ts";
import { prefill } from "../prefill.ts";
import { type Dripped, dripAndReact } from "../reactions.ts";
import type { Ours } from "../servers.ts";
import { shared } from "./shared.ts";

const DOWN = 7001;
const UPSTREAM_MS = 5;
/** So many replies into its backlog it is worked off. */
const UNDER_WAY = 50;
/** Longer than any pause of a server that waits for a license to recover. */
const RECOVERY_PATIENCE_MS = 90_000;
const BACKLOG = "100,000 jobs behind a license that is down";

export const backlogCpu: Figure = {
  id: "backlog-cpu",
  name: `processor time with ${BACKLOG}`,
  baseline: "one core",
  unit: "ms",
  target: { ratio: { atMost: 0.05 } },
  measure: async (bench) => (await behindBacklog(bench)).cpu,
};

export const backlogAcks: Figure = {
  id: "backlog-acks",
  name: `ack p99 at 200/s with ${BACKLOG}`,
  baseline: "an empty inbox",
  unit: "ms",
  target: { ratio: { atMost: 1.5 } },
  measure: async (bench) => (await behindBacklog(bench)).acks,
};

export const backlogReactions: Figure = {
  id: "backlog-reactions",
  name: `another license's reaction p95 with ${BACKLOG} (40/s, upstream 5 ms)`,
  baseline: "an empty inbox",
  unit: "ms",
  target: { ratio: { atMost: 1.5 } },
  measure: async (bench) => (await behindBacklog(bench)).reactions,
};

export const recovery: Figure = {
  id: "recovery",
  name: "another license's reaction p95 while that license works off its backlog (40/s, upstream 5 ms)",
  baseline: "an empty inbox",
  unit: "ms",
  target: { limit: { of: "p95", unit: "ms", atMost: 500 } },
  measure: besideRecovery,
};

/** The three figures are of the same two servers: what costs time is to fill one and to let it settle down. */
const behindBacklog = shared(async (bench) => {
  const { upstream, pace } = bench;
  await upstream.setLatency(UPSTREAM_MS);
  await upstream.behave([DOWN], "down");
  const empty = await bench.startOurs("empty");
  const full = await bench.startOurs("backlog", await backlogOf(bench));
  for (const ours of [empty, full]) await dripAndReact(bench, ours, atPace(bench, 200));
  await sleep(pace.settleMs);
  const cpu = await processorTimes(full.pid, pace.rounds, pace.cpuMs);
  const acks = await compare(bench, empty, full, 200, ({ ackP99 }) => ackP99);
  const reactions = await compare(bench, empty, full, 40, ({ reactionP95 }) => reactionP95);
  if (full.unfinished() < pace.backlog) throw new Error("Some of the backlog did not wait.");
  await Promise.all([empty.stop(), full.stop()]);
  await upstream.behave([DOWN], "well");
  return { cpu, acks, reactions };
});

async function besideRecovery(bench: Bench) {
  const { upstream } = bench;
  await upstream.setLatency(UPSTREAM_MS);
  await upstream.behave([DOWN], "down");
  await upstream.reset();
  const [isFoundDown, isUnderWay] = [
    upstream.reached("refused", 2),
    upstream.reached("remove_from_chat", UNDER_WAY),
  ];
  const empty = await bench.startOurs("recovery-empty");
  const full = await bench.startOurs("recovery", await backlogOf(bench));
  await isFoundDown;
  await upstream.behave([DOWN], "well");
  await inTime(isUnderWay);
  const rounds = await compare(bench, empty, full, 40, ({ reactionP95 }) => reactionP95);
  if (full.unfinished() === 0) throw new Error("The backlog was worked off before all was measured.");
  await Promise.all([empty.stop(), full.stop()]);
  return rounds.map((round) => ({ ...round, limited: round.ours }));
}

/** Puts a database with the backlog where it is asked for. */
async function backlogOf(bench: Bench) {
  const filled = await filledOnce(bench);
  return async (path: string) => copyFileSync(filled, path);
}

const filledOnce = shared(async ({ pace, resources, upstream }) => {
  const path = join(resources.folder, "backlog.db");
  await prefill(path, upstream, { licenses: [DOWN], jobsEach: pace.backlog, areRenewed: false });
  return path;
});

/** Of the license that is well. */
function compare(bench: Bench, empty: Ours, full: Ours, perSecond: number, of: (dripped: Dripped) => number) {
  const measure = async (ours: Ours) => of(await dripAndReact(bench, ours, atPace(bench, perSecond)));
  return alternate(
    bench.pace.percentileRounds,
    () => measure(empty),
    () => measure(full),
    (baseline, ours) => ({ ours, baseline }),
  );
}

function atPace({ pace }: Bench, perSecond: number) {
  return { kinds: ["pizza"], connections: 32, perSecond, ms: 1.25 * pace.roundMs } as const;
}

async function inTime(reached: Promise<number>): Promise<void> {
  const patience = new AbortController();
  const tooLate = sleep(RECOVERY_PATIENCE_MS, true, { signal: patience.signal }).catch(() => false);
  const isLate = await Promise.race([reached.then(() => false), tooLate]);
  patience.abort();
  if (isLate)
    throw new Error("The server has not begun to work off the backlog of a license that is well again.");
}
