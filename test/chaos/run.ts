import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openFront } from "../../src/demo/front.ts";
import { type ServerProcess, startServerProcess } from "../../src/demo/server-process.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import type { JobState, Store } from "../../src/store/store.ts";
import type { ChatPlatform } from "./chats.ts";
import { startLoad } from "./load.ts";
import { createRandom } from "./random.ts";
import { countHalfInstalled, inFolder, setChaosStage } from "./stage.ts";
import { countsOf, type TallyCounts, tallyOf } from "./tally.ts";

export type ChaosReport = Omit<TallyCounts, "unexplained"> & {
  seed: number;
  kills: number;
  /** Jobs that were in hand when the server was killed: as many replies may stand there twice at the most. */
  inHandAtKills: number;
  /** Jobs that did not come to an end, or died. */
  unfinished: number;
  /** Organizations whose installation was interrupted by a kill, and that do not have one bot after another. */
  halfInstalled: number;
  /** Of the last server, asked to stop. */
  exitCode: number | null;
};

export type ChaosOptions = {
  /** Where customers chat; beside it there is always Webex. */
  platform: ChatPlatform;
  rounds: number;
  seed: number;
  tell?: (line: string) => void;
};

const PATIENCE_MS = 60_000;
/** Deliveries between two kills, at the least, however slow the machine is. */
const LEAST_ACCEPTED = 12;
const PAUSE_MS = 12;

/** Kills the real server again and again while people write, lets the last one finish, and counts. */
export function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  return inFolder((folder) => runIn(folder, options));
}

async function runIn(folder: string, options: ChaosOptions): Promise<ChaosReport> {
  const { platform, rounds, seed, tell = () => {} } = options;
  const random = createRandom(seed);
  const path = join(folder, "chaos.db");
  const front = await openFront();
  const stage = await setChaosStage({ platform, url: front.url, folder, random });
  const { chats, webex } = stage;
  let server: ServerProcess | null = null;
  try {
    const settings = { ...stage.settings, DATABASE_URL: `file:${path}` };
    server = await startServerProcess({ settings, folder });
    front.leadTo(server.url);
    await chats.install();
    stage.makeTrouble();
    const load = startLoad(chats, webex, { random, pauseMs: PAUSE_MS });
    let inHandAtKills = 0;
    for (let round = 1; round <= rounds; round += 1) {
      await stage.untilAccepted(LEAST_ACCEPTED);
      // It fails with the server, as the person who began it sees.
      void chats.installElsewhere?.(round).catch(() => {});
      await sleep(500 * random());
      await server.kill();
      front.leadTo(null);
      const { working, waiting } = await countByState(path);
      inHandAtKills += working;
      tell(`round ${round}: killed with ${working} jobs in hand and ${waiting} waiting`);
      server = await startServerProcess({ settings, folder });
      front.leadTo(server.url);
    }
    await load.stop();
    await untilIdle(path);
    const halfInstalled = await countHalfInstalled(chats, rounds);
    const { waiting, working, dead } = await countByState(path);
    const exitCode = await server.stop();
    server = null;
    const { unexplained: _, ...tally } = countsOf(tallyOf(load.written, chats, webex, () => 0));
    const unfinished = waiting + working + dead;
    return { seed, kills: rounds, inHandAtKills, unfinished, halfInstalled, exitCode, ...tally };
  } finally {
    await server?.kill();
    await Promise.all([stage.stop(), front.close()]);
  }
}

/** By a look into the database, as an operator's command takes it. */
function countByState(path: string): Promise<Record<JobState, number>> {
  return withDesk(path, (desk) => desk.countByState());
}

async function withDesk<T>(path: string, work: (desk: Store["desk"]) => Promise<T>): Promise<T> {
  const store = openSqliteStore({ path, encryptionSecretsOf: () => [] });
  try {
    return await work(store.desk);
  } finally {
    await store.close();
  }
}

function untilIdle(path: string): Promise<void> {
  return withDesk(path, async (desk) => {
    const endsAt = Date.now() + PATIENCE_MS;
    while (Date.now() < endsAt) {
      const { waiting, working } = await desk.countByState();
      if (waiting + working === 0) return;
      await sleep(100);
    }
  });
}
