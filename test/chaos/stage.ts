import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Environment } from "../../src/config/config.ts";
import { startWebexSandbox, type WebexSandbox } from "../../src/sandbox/webex/index.ts";
import { CHAT_PLATFORMS, type ChatPlatform, type Chats } from "./chats.ts";
import { writeRules } from "./rules.ts";

const SECRETS = { botToken: "chaos-token", webhookSecret: "chaos-webhook-secret" };
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 500;

/** The platforms between which servers run, and what goes wrong there. */
export type ChaosStage = {
  chats: Chats;
  webex: WebexSandbox;
  /** Of a server, except its database. */
  settings: Environment;
  /** From now on calls are slow and some fail, and the platforms deliver again what was not received. */
  makeTrouble(): void;
  /** How many deliveries were answered 200 so far. */
  accepted(): number;
  /** Resolves when `count` more were; throws after a minute. */
  untilAccepted(count: number): Promise<void>;
  stop(): Promise<void>;
};

export type ChaosStageOptions = {
  platform: ChatPlatform;
  /** Where the servers are reached. */
  url: string;
  /** Of this run. */
  folder: string;
  random: () => number;
};

export async function setChaosStage(options: ChaosStageOptions): Promise<ChaosStage> {
  const { platform, url, folder, random } = options;
  const chats = await CHAT_PLATFORMS[platform](url, random);
  const webex = await startWebexSandbox({ botToken: SECRETS.botToken, random });
  const hooks = keepHook(webex, `${url}/wtwebhook`);
  const counts = [chats.deliveries, webex.deliveries].map(countingAccepted);
  const accepted = () => counts.reduce((sum, count) => sum + count(), 0);

  return {
    chats,
    webex,
    settings: {
      PORT: "0",
      PUBLIC_URL: url,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      REACTIONS_FILE: writeRules(folder),
      WT_API_URL: webex.apiUrl,
      WT_API_TOKEN: SECRETS.botToken,
      WT_WEBHOOK_SECRET: SECRETS.webhookSecret,
      ...chats.settings,
    },
    makeTrouble() {
      for (const { faults, delivery } of [chats, webex]) {
        Object.assign(delivery, { attempts: 2, retryAfterMs: 200 });
        faults.inject({ kind: "status-503", rate: 0.03 });
        faults.inject({ kind: "slow", delayMs: 40 });
      }
    },
    accepted,
    async untilAccepted(count) {
      const endsAt = Date.now() + PATIENCE_MS;
      const enough = accepted() + count;
      while (accepted() < enough) {
        if (Date.now() > endsAt) throw new Error(`No ${count} deliveries were accepted in a minute.`);
        await sleep(5);
      }
    },
    async stop() {
      clearInterval(hooks);
      await Promise.all([chats.stop(), webex.stop()]);
    },
  };
}

/** Webex switches a webhook off after a hundred failures in five minutes. Then there is a new one at once, or nobody asks any more. */
function keepHook(webex: WebexSandbox, targetUrl: string): NodeJS.Timeout {
  const filter = "roomType=group&mentionedPeople=me";
  const add = () =>
    webex.addWebhook({
      targetUrl,
      secret: SECRETS.webhookSecret,
      filter,
      name: "globobot",
      resource: "messages",
      event: "created",
    });
  add();
  return setInterval(() => {
    if (webex.webhooks().every(({ status }) => status !== "active")) add();
  }, LOOK_EVERY_MS);
}

/** Installs the bot again where a kill may have interrupted it; returns in how many organizations there is not one bot then. */
export async function countHalfInstalled(chats: Chats, rounds: number): Promise<number> {
  const { installElsewhere, botsElsewhere, faults } = chats;
  if (installElsewhere === null) return 0;
  faults.clear();
  const all = Array.from({ length: rounds }, (_, at) => at + 1);
  for (const number of all) await installElsewhere(number);
  return all.filter((number) => botsElsewhere(number) !== 1).length;
}

/** A folder that exists during the work. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "chatops-chaos-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Counts those that were answered 200 in a list to which more are added. */
function countingAccepted(deliveries: readonly { status: number | null }[]): () => number {
  let seen = 0;
  let accepted = 0;
  return () => {
    for (; seen < deliveries.length; seen += 1) if (deliveries[seen]?.status === 200) accepted += 1;
    return accepted;
  };
}
