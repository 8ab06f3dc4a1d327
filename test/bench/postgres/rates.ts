import type { Bench } from "../bench.ts";
import { type FigureFacts, type Measured, measuredOf } from "../figure.ts";
import { CONNECTIONS } from "../figures/acks.ts";
import type { Cluster } from "./clusters.ts";
import { canTell, type Use, watched } from "./processor.ts";
import { type Sample, type Split, splitsOf, type Taken } from "./splits.ts";

/** The worker is at its limit with that: it claims little beside the deliveries. */
const SLOW_MS = 1000;

export type Rates = { figures: Measured[]; splits: Split[] };

/** Of all clusters against the first. `postmaster`: the process id of PostgreSQL. */
export async function measureRates(
  bench: Bench,
  clusters: readonly Cluster[],
  postmaster: number,
): Promise<Rates> {
  const watch = <T>(cluster: Cluster, work: () => Promise<T>) => watchOn(bench, cluster, postmaster, work);
  const acks = await measure(bench, clusters, (cluster) => acksOf(bench, cluster, watch));
  const reactions = await measure(bench, clusters, (cluster) => reactionsOf(bench, cluster, watch));
  return {
    figures: [
      ...figuresOf(acks, { name: "acks", of: "perSecond", words: "durable acks of" }),
      ...figuresOf(acks, { name: "ack-p99", of: "p99", words: "ack p99 under that load of" }),
      ...figuresOf(reactions, { name: "reactions", of: "perSecond", words: "reactions (upstream 0 ms) of" }),
    ],
    splits: [...splitsOf("acks", acks), ...splitsOf("reactions", reactions)],
  };
}

type Watch = <T>(cluster: Cluster, work: () => Promise<T>) => Promise<[T, Use | null]>;

async function watchOn<T>(
  { load, upstream }: Bench,
  { pids, isOnPostgres }: Cluster,
  postmaster: number,
  work: () => Promise<T>,
): Promise<[T, Use | null]> {
  if (!canTell) return [await work(), null];
  const postgres = isOnPostgres ? [postmaster] : [];
  return watched({ servers: pids, postgres, load: [load.pid], platforms: [upstream.pid] }, work);
}

/** All clusters in turn, so many times. What comes first is a warm-up. */
async function measure(
  { pace }: Bench,
  clusters: readonly Cluster[],
  sampleOf: (cluster: Cluster) => Promise<Sample>,
): Promise<Taken> {
  const taken = clusters.map((cluster) => {
    const samples: Sample[] = [];
    return { cluster, samples };
  });
  for (let round = 0; round <= pace.percentileRounds; round += 1) {
    for (const { cluster, samples } of taken) samples.push(await sampleOf(cluster));
  }
  return taken.map(({ cluster, samples }) => ({ cluster, samples: samples.slice(1) }));
}

async function acksOf(bench: Bench, cluster: Cluster, watch: Watch): Promise<Sample> {
  const { upstream, pace } = bench;
  await upstream.setLatency(0);
  await cluster.empty();
  await upstream.setLatency(SLOW_MS);
  const order = { kinds: ["tenantPizza"], connections: CONNECTIONS, ms: pace.roundMs } as const;
  const [{ perSecond, p99, answers }, use] = await watch(cluster, () => bench.flood(cluster.receiver, order));
  return { perSecond, p99, use, count: Object.values(answers).reduce((sum, count) => sum + count, 0) };
}

/** The platforms are held until all deliveries are taken in; then from their release until their last answer. */
async function reactionsOf(bench: Bench, cluster: Cluster, watch: Watch): Promise<Sample> {
  const { upstream, pace } = bench;
  const count = pace.reactions;
  await upstream.setLatency(0);
  await cluster.empty();
  await upstream.reset();
  await upstream.hold();
  const ended = upstream.reached("remove_from_chat", count);
  await bench.flood(cluster.receiver, { kinds: ["tenantPizza"], connections: CONNECTIONS, count });
  const [tookMs, use] = await watch(cluster, async () => {
    const startedAt = upstream.release();
    return (await ended) - startedAt;
  });
  await cluster.idle();
  return { perSecond: (count * 1000) / tookMs, p99: Number.NaN, count, use };
}

function figuresOf(
  [sqlite, ...others]: Taken,
  { name, of, words }: { name: string; of: "perSecond" | "p99"; words: string },
): Measured[] {
  return others.map(({ cluster, samples }, index) => {
    const facts: FigureFacts = {
      id: `postgres-${name}-${index + 1}`,
      name: `${words} ${cluster.name}`,
      baseline: sqlite?.cluster.name ?? "",
      unit: of === "p99" ? "ms" : "/s",
      target: {},
    };
    const rounds = samples.map((sample, round) => ({
      ours: sample[of],
      baseline: sqlite?.samples[round]?.[of] ?? Number.NaN,
    }));
    return measuredOf(facts, rounds);
  });
}
