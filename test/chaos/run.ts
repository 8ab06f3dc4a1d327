import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Environment } from "../../src/config/config.ts";
import { openFront } from "../../src/demo/front.ts";
import { type ServerProcess, startServerProcess } from "../../src/demo/server-process.ts";
import { startWebexSandbox } from "../../src/sandbox/webex/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import type { JobState, Store } from "../../src/store/store.ts";
import { CHAT_PLATFORMS, type ChatPlatform, type Chats } from "./chats.ts";
import { startLoad } from "./load.ts";
import { createRandom } from "./random.ts";
import { type Tally, tallyOf } from "./tally.ts";

export type ChaosReport = Tally & {
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

const SECRETS = {
  botToken: "chaos-token",
  webhookSecret: "chaos-webhook-secret",
};
const PATIENCE_MS = 60_000;
/** Deliveries between two kills, at the least, however slow the machine is. */
const LEAST_ACCEPTED = 12;

/** Kills the real server again and again while people write, lets the last one finish, and counts. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { platform, rounds, seed, tell = () => {} } = options;
  const random = createRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), "chatops-chaos-"));
  const path = join(folder, "chaos.db");
  const front = await openFront();
  const { url } = front;
  const chats = await CHAT_PLATFORMS[platform](url, random);
  const webex = await startWebexSandbox({ botToken: SECRETS.botToken, random });
  let server: ServerProcess | null = null;
  try {
    const filter = "roomType=group&mentionedPeople=me";
    const hook = { targetUrl: `${url}/wtwebhook`, secret: SECRETS.webhookSecret, filter };
    webex.addWebhook({ ...hook, name: "globobot", resource: "messages", event: "created" });

    const settings = { ...settingsFor({ url, path, wtUrl: webex.apiUrl }), ...chats.settings };
    server = await startServerProcess({ settings, folder });
    front.leadTo(server.url);
    await chats.install();

    for (const { faults, delivery } of [chats, webex]) {
      Object.assign(delivery, { attempts: 2, retryAfterMs: 200 });
      faults.inject({ kind: "status-503", rate: 0.03 });
      faults.inject({ kind: "slow", delayMs: 40 });
    }
    const accepted = () => countAccepted(chats.deliveries) + countAccepted(webex.deliveries);
    const load = startLoad(chats, webex, random);
    let inHandAtKills = 0;
    for (let round = 1; round <= rounds; round += 1) {
      await untilUnderLoad(accepted);
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
    const tally = tallyOf(load.written, chats, webex);
    return {
      seed,
      kills: rounds,
      inHandAtKills,
      unfinished: waiting + working + dead,
      halfInstalled,
      exitCode,
      ...tally,
    };
  } finally {
    await server?.kill();
    await Promise.all([chats.stop(), webex.stop(), front.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function settingsFor(at: { url: string; path: string; wtUrl: string }): Environment {
  return {
    PORT: "0",
    PUBLIC_URL: at.url,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    DATABASE_URL: `file:${at.path}`,
    WT_API_URL: at.wtUrl,
    WT_API_TOKEN: SECRETS.botToken,
    WT_WEBHOOK_SECRET: SECRETS.webhookSecret,
  };
}

async function countHalfInstalled(
  { installElsewhere, botsElsewhere, faults }: Chats,
  rounds: number,
): Promise<number> {
  if (installElsewhere === null) return 0;
  faults.clear();
  const all = Array.from({ length: rounds }, (_, at) => at + 1);
  for (const number of all) await installElsewhere(number);
  return all.filter((number) => botsElsewhere(number) !== 1).length;
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

const countAccepted = (deliveries: readonly { status: number | null }[]) =>
  deliveries.filter(({ status }) => status === 200).length;

/** Resolves when the server has accepted some more. */
async function untilUnderLoad(accepted: () => number): Promise<void> {
  const endsAt = Date.now() + PATIENCE_MS;
  const enough = accepted() + LEAST_ACCEPTED;
  while (accepted() < enough) {
    if (Date.now() > endsAt)
      throw new Error(`The server has not accepted ${LEAST_ACCEPTED} deliveries in a minute.`);
    await sleep(5);
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
