import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { startLocalPostgres } from "../../src/demo/postgres.ts";
import { openBalancer } from "./balancer.ts";
import { type ChaosDatabase, openChaosDatabase } from "./database.ts";
import { type Fleet, type Member, startFleet } from "./fleet.ts";
import { startLoad } from "./load.ts";
import { createRandom } from "./random.ts";
import type { ChaosOptions } from "./run.ts";
import { watchSilence } from "./silence.ts";
import { type ChaosStage, countHalfInstalled, inFolder, setChaosStage } from "./stage.ts";
import { countsOf, type TallyCounts, tallyOf } from "./tally.ts";
import { chooseTrouble, createTroubles, isOfServer, type Trouble, type Troubles } from "./troubles.ts";

export type ServersReport = TallyCounts & {
  seed: number;
  /** How often what was done. */
  troubles: Partial<Record<Trouble, number>>;
  /** Jobs that were in hand when something was done to their server that may repeat the call under way. */
  inHand: number;
  /** Jobs that did not come to an end, or died. */
  unfinished: number;
  /** Organizations whose installation was interrupted, and that do not have one bot after another. */
  halfInstalled: number;
  /** Servers that ended by themselves, or not with exit code 0 when they were asked to stop. */
  crashed: number;
  /** The longest time from keeping a job to its end, in ms. */
  longestWaitMs: number;
  /** The longest time in which no delivery was answered 200, in ms. */
  longestSilenceMs: number;
};

export type ServersOptions = ChaosOptions & {
  servers: number;
  /** What is done in each round; by the seed unless given. */
  plan?: readonly Trouble[];
  isHurried?: boolean;
};

const PATIENCE_MS = 180_000;
const PAUSE_MS = 25;
/** Deliveries between two rounds, at the least. */
const LEAST_ACCEPTED = 12;

/**
 * Runs several servers on one PostgreSQL, does something to one of them or to PostgreSQL in each round while people write, lets
 * them finish, and counts. Throws if PostgreSQL cannot run here.
 */
export function runServersChaos(options: ServersOptions): Promise<ServersReport> {
  return inFolder((folder) => runIn(folder, options));
}

async function runIn(folder: string, options: ServersOptions): Promise<ServersReport> {
  const { platform, rounds, seed, servers, isHurried = false, tell = () => {} } = options;
  const random = createRandom(seed);
  const postgres = await startLocalPostgres({ folder: tmpdir() });
  const closers: (() => Promise<unknown>)[] = [postgres.stop];
  try {
    const balancer = await openBalancer(servers);
    closers.push(balancer.close);
    const stage = await setChaosStage({ platform, url: balancer.url, folder, random });
    closers.push(stage.stop);
    const { chats, webex, settings } = stage;
    const database = await openChaosDatabase(postgres.url);
    const at = { settings, folder, databaseUrl: postgres.url, database, balancer, tell };
    const fleet = await startFleet({ size: servers, ...at });
    closers.push(fleet.close);
    await chats.install();

    stage.makeTrouble();
    const load = startLoad(chats, webex, { random, pauseMs: PAUSE_MS });
    const silence = watchSilence(stage.accepted);
    const troubles = createTroubles({ fleet, postgres, database, random, isHurried });
    const done = await goThrough(options, stage, fleet, troubles, random);
    const longestSilenceMs = silence.stop();
    await load.stop();
    await untilIdle(database);
    const halfInstalled = await countHalfInstalled(chats, rounds);
    const unfinished = await database.unfinished();
    for (const line of unfinished) tell(`unfinished: ${line}`);
    const longest = await database.longestWait();
    tell(`longest wait: ${longest.line}`);
    const crashed = fleet.crashes.length + (await countBadStops(fleet));
    const { inHand } = troubles;
    const tally = tallyOf(load.written, chats, webex, (id) => inHand.get(id) ?? 0);
    for (const id of tally.unexplained) tell(`unexplained: ${await database.historyOf(id)}`);
    for (const id of tally.lost) tell(`lost: ${await database.historyOf(id)}`);
    return {
      seed,
      troubles: done,
      inHand: [...inHand.values()].reduce((sum, times) => sum + times, 0),
      unfinished: unfinished.length,
      halfInstalled,
      crashed,
      longestWaitMs: longest.ms,
      longestSilenceMs,
      ...countsOf(tally),
    };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** One server at least is left alone at any time. */
async function goThrough(
  { rounds, plan, isHurried = false, tell = () => {} }: ServersOptions,
  { chats, untilAccepted }: ChaosStage,
  { members }: Fleet,
  troubles: Troubles,
  random: () => number,
): Promise<ServersReport["troubles"]> {
  const done: ServersReport["troubles"] = {};
  const troubled = new Map<Member, Promise<void>>();
  const all: Promise<void>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const trouble = plan?.[round - 1] ?? chooseTrouble(random);
    await untilAccepted(LEAST_ACCEPTED);
    await sleep((isHurried ? 200 : 3000) * random());
    while (troubled.size >= members.length - 1) await Promise.race(troubled.values()).catch(() => {});
    // It may fail with the server, as the person who began it sees.
    void chats.installElsewhere?.(round).catch(() => {});
    done[trouble] = (done[trouble] ?? 0) + 1;
    if (!isOfServer(trouble)) {
      tell(`round ${round}: ${trouble} of PostgreSQL`);
      await troubles.ofPostgres(trouble);
      continue;
    }
    const free = members.filter((member) => !troubled.has(member));
    const member = free[Math.floor(random() * free.length)];
    if (member === undefined) throw new Error("No server is free.");
    tell(`round ${round}: ${trouble} of server ${member.place + 1}`);
    const over = troubles.ofServer(member, trouble).finally(() => troubled.delete(member));
    troubled.set(member, over);
    all.push(over);
    // Its failure ends the run below, once the other rounds are over.
    over.catch(() => {});
  }
  await Promise.all(all);
  return done;
}

async function untilIdle(database: ChaosDatabase): Promise<void> {
  const endsAt = Date.now() + PATIENCE_MS;
  while (Date.now() < endsAt && (await database.countUnsettled()) > 0) await sleep(100);
}

async function countBadStops({ members }: Fleet): Promise<number> {
  const codes = await Promise.all(members.map((member) => member.stop()));
  return codes.filter((code) => code !== 0).length;
}
