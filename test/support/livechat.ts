import { onTestFinished } from "vitest";
import { PlatformError, sentenceOf } from "../../src/errors.ts";
import type { Job, JsonObject } from "../../src/job.ts";
import type { LivechatClientOptions } from "../../src/platforms/livechat/client.ts";
import { createLivechat, type LivechatOptions } from "../../src/platforms/livechat/index.ts";
import {
  botOf,
  type LivechatInstallation,
  ORGANIZATIONS,
} from "../../src/platforms/livechat/installation.ts";
import type { Fault } from "../../src/sandbox/faults.ts";
import { startLivechatSandbox } from "../../src/sandbox/livechat/index.ts";
import type { Installations } from "../../src/store/store.ts";
import { createFindings } from "./findings.ts";
import { aJob } from "./jobs.ts";
import { createLogSink } from "./log.ts";
import { reactToPizza } from "./reactions.ts";
import { openTestStore } from "./store.ts";

/** The calls of a first installation, in order. */
export const INSTALL_CALLS = [
  "exchange",
  "list_bots",
  "list_groups",
  "create_bot",
  "issue_bot_token",
  "set_routing_status",
  "enable_license_webhooks",
];

export const ORGANIZATION = "0c9e4f52-dddd-4eee-8fff-000000000002";
export const OTHER_ORGANIZATION = "0c9e4f52-dddd-4eee-8fff-000000000003";

/** How the Pizza BOT would be set up; nothing of it exists. */
export const livechatClientOptions: LivechatClientOptions = {
  clientId: "client-id-invented",
  clientSecret: "client-secret-invented",
  redirectUri: "https://bots.example/livechat/token",
  accountsUrl: "https://accounts.livechat.com",
  apiUrl: "https://api.livechatinc.com",
  apiVersion: "v3.6",
};

export const WEBHOOK_SECRET = "webhook-secret-of-the-app";

/** The rest of the platform's options. */
export const livechatOptions = {
  ...livechatClientOptions,
  webhookSecret: WEBHOOK_SECRET,
  webhookUrl: "https://bots.example/livechat/webhook",
  reaction: reactToPizza,
  reactionMaxAgeMs: 3_600_000,
  allowedOrganizations: null,
};

/** An installation in an organization whose tokens have just been handed out. */
export function anOrganization(overrides: Partial<LivechatInstallation> = {}): LivechatInstallation {
  const now = Date.now();
  return {
    platform: "livechat",
    account: ORGANIZATION,
    botId: "bot-1",
    credentials: {
      accessToken: "fra:access-invented",
      refreshToken: "refresh-invented",
      botToken: "bot-token-invented",
      botSecret: "bot-secret-invented",
    },
    lookup: null,
    details: { region: null, botTokenIssuedAt: now },
    obtainedAt: now,
    expiresAt: now + 8 * 3_600_000,
    botIsCurrent: true,
    needsReinstall: false,
    botIsGone: false,
    webhookUrl: "",
    ...overrides,
  };
}

type Settings = Partial<Pick<LivechatOptions, "allowedOrganizations" | "timeoutMs">>;

/** The platform over a real store and the stand-in for LiveChat with one organization; nothing is installed yet. */
export async function createLivechatDesk(settings: Settings = {}) {
  const { clientId, clientSecret, redirectUri } = livechatClientOptions;
  const sandbox = await startLivechatSandbox({ clientId, clientSecret, redirectUri });
  onTestFinished(sandbox.stop);
  sandbox.addOrganization(ORGANIZATION);
  const sink = createLogSink();
  const stored = openTestStore().installations.of("livechat");
  const failingSaves: Error[] = [];
  const installations: Installations = {
    ...stored,
    async save(installation) {
      const failure = failingSaves.shift();
      if (failure) throw failure;
      await stored.save(installation);
    },
  };
  const { accountsUrl, apiUrl } = sandbox;
  const options = { ...livechatOptions, ...settings, accountsUrl, apiUrl };
  const platform = createLivechat({ ...options, installations, findings: createFindings(), log: sink.log });
  onTestFinished(platform.stop);
  const { installer } = platform;
  if (!installer) throw new Error("LiveChat has no installer");

  const kept = async (account = ORGANIZATION): Promise<LivechatInstallation> => {
    const installation = await stored.find(account);
    if (installation && ORGANIZATIONS.isReadable(installation)) return installation;
    throw new Error(`no readable installation of ${account}`);
  };

  return {
    sandbox,
    platform,
    installer,
    installations,
    sink,
    kept,
    /** The names of the calls so far; forgets them. */
    calls: () => sandbox.calls.splice(0).map(({ name }) => name),
    /** Lets the next saves of installations fail. */
    failSaves: (...failures: Error[]) => void failingSaves.push(...failures),
    /** As from the marketplace, where no challenge was sent. */
    install: (organization = ORGANIZATION) => installer.install(sandbox.issueCode(organization), null),
    /** Lets the next calls of that name be refused so, or come to another end. */
    next(endpoint: string, end: Pick<Fault, "kind" | "status" | "type">, times = 1): void {
      sandbox.faults.inject({ ...end, endpoint, times });
    },
    bots: (organization = ORGANIZATION) => sandbox.botAgents(organization),
    /** Whether calls can still be made with the tokens. */
    isAccepted: async (accessToken: string) => {
      const headers = { authorization: `Bearer ${accessToken}` };
      return (await fetch(`${accountsUrl}/v2/info`, { headers })).ok;
    },
    bot: async () => botOf(await kept()),
    react: (chatId: string, overrides: Partial<Job> = {}) => react(platform.handle, chatId, overrides),
    /** What the bot has said in the chat. */
    said: (chatId: string) =>
      sandbox
        .transcript(chatId)
        .filter(({ author }) => author === "Pizza BOT")
        .map(({ text }) => text),
    isIn: async (chatId: string) => sandbox.members(chatId).includes((await kept()).botId),
  };
}

export type LivechatDesk = Awaited<ReturnType<typeof createLivechatDesk>>;

/** The same with the bot installed in the organization. */
export async function createInstalledLivechat(settings: Settings = {}): Promise<LivechatDesk> {
  const desk = await createLivechatDesk(settings);
  await desk.install();
  desk.calls();
  return desk;
}

/** One attempt at a reaction in the chat: what came of it, or what it failed of. */
async function react(
  handle: (job: Job, save: (progress: JsonObject) => Promise<void>) => Promise<string>,
  chatId: string,
  overrides: Partial<Job>,
): Promise<string | PlatformError> {
  const payload = { account: ORGANIZATION, chatId, replies: reactToPizza("pizza") };
  const job = {
    ...aJob({ platform: "livechat", payload }),
    attempts: 1,
    acceptedAt: Date.now(),
    progress: {},
  };
  try {
    return await handle({ ...job, ...overrides }, async () => {});
  } catch (error) {
    if (error instanceof PlatformError) return error;
    throw new Error(`no PlatformError: ${sentenceOf(error)}`);
  }
}

/** A refusal in LiveChat's own format. */
export const refusedWith = (type: string, status = 400) => ({ kind: "refused", type, status }) as const;
