import type { Bench } from "../bench.ts";
import { median } from "../figure.ts";
import type { Kind } from "../load/order.ts";
import type { Target } from "../target.ts";
import { CONNECTIONS } from "./acks.ts";

/** What a server does while its platform is slow, and what a kill -9 costs. */
export type Contestant = {
  name: string;
  /** Acknowledged webhooks per second; the upstream takes 200 ms for each call. */
  acksPerSecond: number;
  /** Ack latency in ms at 200/s, with the same upstream. */
  p99: number;
  /** Of so many that were answered 200 before the kill, those whose reaction has not ended after a restart. */
  killed: { acknowledged: number; lost: number };
};

const UPSTREAM_MS = 200;
const PER_SECOND = 200;
/** For the reactions of all that was acknowledged, 64 at once. */
const RESTART_MS = 8000;

/** What of the benchmark is needed. */
type Needs = Pick<Bench, "startRival" | "flood" | "drip"> & {
  pace: Pick<Bench["pace"], "rounds" | "roundMs">;
  upstream: Pick<Bench["upstream"], "setLatency" | "reset" | "endings">;
  startOurs(name: string): Promise<Target>;
};

/** `start`: the same name finds what an earlier start has kept. */
type Entry = { name: string; kind: Kind; start: (name: string) => Promise<Target> };

/** Ours beside what a user might pick instead, in turns. A rival that is not installed is left out, and told of. */
export async function measureRivals(bench: Needs, tell: (line: string) => void): Promise<Contestant[]> {
  const entries: Entry[] = [
    { name: "chatops-server", kind: "pizza", start: (name) => bench.startOurs(name) },
    {
      name: "Express, calls before answering",
      kind: "pizza",
      start: () => bench.startRival("handler"),
    },
    { name: "Bolt HTTPReceiver", kind: "slackPizza", start: () => bench.startRival("bolt") },
  ];
  const contestants: Contestant[] = [];
  for (const entry of entries) {
    try {
      contestants.push(await measureOne(bench, entry));
    } catch (cause) {
      if (!String(cause).includes("Cannot find package")) throw cause;
      tell(`  ${entry.name} is not installed: npm install --no-save @slack/bolt`);
    }
  }
  return contestants;
}

async function measureOne(bench: Needs, { name, kind, start }: Entry): Promise<Contestant> {
  const { pace, upstream } = bench;
  await upstream.setLatency(UPSTREAM_MS);
  const common = { kinds: [kind], connections: CONNECTIONS, ms: pace.roundMs };
  const rates: number[] = [];
  const latencies: number[] = [];
  for (let round = 0; round < pace.rounds; round += 1) {
    // A server of its own each time: what the last round left to do is not this round's burden.
    const target = await start(`rates-${round}`);
    await bench.flood(target, { ...common, ms: pace.roundMs / 3 });
    rates.push((await bench.flood(target, common)).perSecond);
    target.kill();
    const other = await start(`latencies-${round}`);
    await bench.flood(other, { ...common, count: CONNECTIONS });
    latencies.push((await bench.drip(other, { ...common, perSecond: PER_SECOND })).p99);
    other.kill();
  }
  return {
    name,
    acksPerSecond: median(rates),
    p99: median(latencies),
    killed: await kill(bench, kind, start),
  };
}

/** Sends deliveries for a moment, kills the server right after the last answer, and starts it again. */
async function kill(bench: Needs, kind: Kind, start: Entry["start"]): Promise<Contestant["killed"]> {
  const { pace, upstream } = bench;
  await upstream.reset();
  const target = await start("killed");
  const order = { kinds: [kind], connections: CONNECTIONS, perSecond: PER_SECOND, ms: pace.roundMs };
  const { dueAt } = await bench.drip(target, order);
  target.kill();
  const places = Object.keys(dueAt);
  const again = await start("killed");
  const ended = await upstream.endings(places, RESTART_MS);
  again.kill();
  return { acknowledged: places.length, lost: places.length - Object.keys(ended).length };
}
