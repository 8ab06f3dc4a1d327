import { join } from "node:path";
import { type Caller, startCaller } from "./caller/index.ts";
import { type Load, startLoad } from "./load/index.ts";
import type { DripReport, Kind, Report } from "./load/order.ts";
import { createResources, type Resources } from "./resources.ts";
import {
  type Ours,
  type Prepare,
  type Rival,
  startOther,
  startOurs,
  startRival,
  startServer,
} from "./servers.ts";
import type { Target } from "./target.ts";
import { LICENSE } from "./upstream/facts.ts";
import { startUpstream, type Upstream } from "./upstream/index.ts";

/** How much is measured. */
export type Pace = {
  /** For what takes `roundMs` or longer, for what takes a fraction of a second, and for percentiles of a few hundred. */
  rounds: number;
  shortRounds: number;
  percentileRounds: number;
  roundMs: number;
  /** Deliveries after which memory is looked at, first for the baseline. */
  deliveries: readonly [few: number, many: number];
  /** Reactions at once, for their rate. */
  reactions: number;
  /** In the full inbox. */
  jobs: { settled: number; waiting: number };
  /** Chats that deliveries of chat.io tell of in turn, and those of LiveChat: more than there are deliveries at work at any time. */
  chats: number;
  /** How many servers work on one PostgreSQL. */
  servers: readonly number[];
  /** Licenses whose calls hang, and due jobs of each. */
  hanging: { licenses: number; jobsEach: number };
  /** Jobs that wait behind a license that is down, and how long the server has for finding that out. */
  backlog: number;
  settleMs: number;
  /** Licenses without any traffic, and how long after its start the server looks after them as it always will. */
  licenses: number;
  everydayAfterMs: number;
  /** For how long processor time is taken. */
  cpuMs: number;
  /** How long a reaction may take; one that has not ended by then counts as if it had. Far more than targets allow. */
  patienceMs: number;
};

/**
 * Short rounds, so that what disturbs a shared machine for some seconds meets both neighbours; as many as make the median
 * of them one that a single disturbed pair cannot move. All of it fits into five minutes.
 */
export const FULL_PACE: Pace = {
  rounds: 3,
  shortRounds: 9,
  percentileRounds: 5,
  roundMs: 1200,
  deliveries: [20_000, 200_000],
  reactions: 1000,
  jobs: { settled: 1_000_000, waiting: 100_000 },
  chats: 10_000,
  servers: [1, 2, 3],
  hanging: { licenses: 80, jobsEach: 5 },
  backlog: 100_000,
  settleMs: 5000,
  licenses: 5000,
  everydayAfterMs: 62_000,
  cpuMs: 3000,
  patienceMs: 3000,
};

/** All that the figures need. Whatever it starts is gone after `stop`. */
export type Bench = {
  pace: Pace;
  upstream: Upstream;
  load: Load;
  caller: Caller;
  resources: Resources;
  /** A server of its own, installed; the same name finds the same database. */
  startOurs(name: string, prepare?: Prepare, rules?: readonly object[]): Promise<Ours>;
  /** One on a database that is there and has the bots in it, by its DATABASE_URL. */
  startOn(name: string, databaseUrl: string): Promise<Target>;
  startOther(name: "bare" | "trivial"): Promise<Target>;
  /** What a user might pick instead; throws if it is not installed. */
  startRival(name: Rival): Promise<Target>;
  /** The pair that most figures share, with an idle and empty inbox and the upstream at this latency in ms. */
  pair(upstreamMs: number): Promise<Pair>;
  flood(target: Receiver, order: FloodOptions): Promise<Report>;
  drip(target: Receiver, order: DripOptions): Promise<DripReport>;
  /** Has so many balances asked for in Webex: as many deliveries of kind "balance" can be sent after that. */
  askFor(count: number): Promise<void>;
  /** Stops the shared pair as it wants to be stopped, and then whatever there is. */
  stop(): Promise<void>;
};

/** One server, or `others` beside it, among which the connections are shared out. */
export type Receiver = Pick<Target, "url" | "answers" | "secrets"> & { others?: readonly string[] };

export type Pair = { ours: Ours; bare: Target };
type Sent = { kinds: readonly Kind[]; connections: number };
type FloodOptions = Sent & { count?: number; ms?: number };
export type DripOptions = Sent & { perSecond: number; ms: number };

/** `flags` of Node.js are for our server's processes. Should this process exit before `stop`, it takes the others along. */
export async function startBench(pace: Pace, flags: readonly string[] = []): Promise<Bench> {
  const resources = createResources();
  const { folder, keep, release } = resources;
  const upstream = keep(await startUpstream());
  const load = keep(startLoad());
  await load.supply({
    chats: await upstream.openChats(LICENSE, pace.chats),
    livechatChats: await upstream.openLivechatChats(pace.chats),
    questions: [],
  });
  const caller = keep(await startCaller(upstream));
  const around = (name: string) => ({ folder: join(folder, name), keep });
  let shared: Pair | null = null;

  const bench: Bench = {
    pace,
    upstream,
    load,
    caller,
    resources,
    startOurs: (name, prepare, rules) => startOurs({ ...around(name), upstream, flags, prepare, rules }),
    startOn: (name, databaseUrl) =>
      startServer({ ...around(name), databaseUrl, upstream, flags, settings: {}, webhookSecret: "" }),
    startOther: (name) => startOther(name, around(name)),
    startRival: (name) => startRival(name, upstream, around(name)),
    async pair(upstreamMs) {
      await upstream.setLatency(0);
      shared ??= await startPair(bench);
      shared.ours.empty();
      await shared.ours.idle();
      await upstream.setLatency(upstreamMs);
      return shared;
    },
    flood: async (target, order) => answered(target, order, await load.flood(orderFor(target, order))),
    drip: async (target, order) => answered(target, order, await load.drip(orderFor(target, order))),
    askFor: async (count) =>
      load.supply({ chats: [], livechatChats: [], questions: await upstream.ask(count) }),
    async stop() {
      // A profile is written at a proper end only.
      await shared?.ours.stop();
      shared = null;
      release();
    },
  };
  return bench;
}

/** Both have worked for a while, as servers have that are asked for anything: code is compiled when it is found to be used. */
async function startPair(bench: Bench): Promise<Pair> {
  const pair = { ours: await bench.startOurs("ours"), bare: await bench.startOther("bare") };
  const order = { kinds: ["pizza", "livechatPizza"], connections: 32, ms: bench.pace.roundMs } as const;
  for (const target of [pair.bare, pair.ours]) await bench.flood(target, order);
  return pair;
}

function orderFor<Order extends Sent>({ url, others, secrets }: Receiver, { kinds, ...order }: Order) {
  return { ...order, url, others: [...(others ?? [])], secrets, kinds: [...kinds] };
}

/** A figure of refused deliveries would be a good one, and wrong. Throws at anything but the answers expected. */
function answered<R extends Report>({ answers }: Receiver, { kinds }: Sent, report: R): R {
  const expected = new Set(kinds.map((kind) => `200 ${answers[kind]}`));
  for (const [answer, count] of Object.entries(report.answers)) {
    if (!expected.has(answer)) throw new Error(`${count} deliveries were answered ${answer}`);
  }
  return report;
}
