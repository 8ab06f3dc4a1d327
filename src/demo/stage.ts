import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Environment, readConfig } from "../config/config.ts";
import { createLog, type Log } from "../log.ts";
import { type ChatioOptions, type ChatioSandbox, startChatioSandbox } from "../sandbox/chatio/index.ts";
import {
  type LivechatOptions,
  type LivechatSandbox,
  startLivechatSandbox,
} from "../sandbox/livechat/index.ts";
import { startWebexSandbox, type WebexOptions, type WebexSandbox } from "../sandbox/webex/index.ts";
import { startServer } from "../server.ts";
import type { Store } from "../store/store.ts";
import { type Front, openFront } from "./front.ts";

export const LICENSE = 1520;
export const ORGANIZATION = "0c9e4f52-dddd-4eee-8fff-000000000002";

/** The stand-ins, and the settings of a server between them. */
export type Stage = {
  /** The server's public address: the same after each start, whatever port it has. */
  serverUrl: string;
  /** For the operator's commands. The server has the same, except that PORT is 0. */
  settings: Environment;
  /** Deleted when the stage is stopped. */
  folder: string;
  chatio: ChatioSandbox;
  livechat: LivechatSandbox;
  webex: WebexSandbox;
  stop: () => Promise<void>;
};

export type StageOptions = {
  log?: Log;
  /** Further settings of the server, or other values. */
  settings?: Environment;
  /** Milliseconds that a call to a platform may take. */
  timeoutMs?: number;
  /** Opens the server's store in place of what DATABASE_URL names. */
  openStore?: (settings: Environment) => Promise<Store>;
  /** Further options of the stand-ins. */
  chatio?: Partial<ChatioOptions>;
  livechat?: Partial<LivechatOptions>;
  webex?: Partial<WebexOptions>;
};

/** A stage without a server. */
export type EmptyStage = Stage & {
  /** Says where the server listens; null when it is gone. */
  leadTo: Front["leadTo"];
};

/** Starts everything in this process, on free ports of this machine, with a temporary database. */
export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const { leadTo, ...stage } = await prepareStage(options);
  try {
    const { log = createLog("error"), timeoutMs, openStore } = options;
    const server = await startServer(
      { ...readConfig(stage.settings), port: 0 },
      {
        log,
        ...(timeoutMs !== undefined && { timeoutMs }),
        ...(openStore && { openStore: () => openStore(stage.settings) }),
      },
    );
    leadTo(server.url);
    return { ...stage, stop: () => server.stop().finally(stage.stop) };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

/** Starts everything but the server. */
export async function prepareStage({ settings = {}, ...options }: StageOptions = {}): Promise<EmptyStage> {
  const folder = mkdtempSync(join(tmpdir(), "chatops-demo-"));
  const closers: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const front = await openFront();
    closers.push(front.close);
    const publicUrl = front.url;
    const app = {
      clientId: "demo-client",
      clientSecret: "demo-client-secret",
      redirectUri: `${publicUrl}/token`,
    };
    const chatio = await startChatioSandbox({ ...app, ...options.chatio });
    closers.push(chatio.stop);
    chatio.addLicense(LICENSE, "owner@pizza.example");
    const { livechat, livechatSettings } = await startLivechat(publicUrl, options.livechat);
    closers.push(livechat.stop);
    const webex = await startWebexSandbox({ botToken: "demo-bot-token", ...options.webex });
    closers.push(webex.stop);
    addHooks(webex, `${publicUrl}/wtwebhook`);
    const environment = {
      PORT: new URL(publicUrl).port,
      PUBLIC_URL: publicUrl,
      CHATIO_CLIENT_ID: app.clientId,
      CHATIO_CLIENT_SECRET: app.clientSecret,
      CHATIO_ACCOUNTS_URL: chatio.accountsUrl,
      CHATIO_API_URL: chatio.apiUrl,
      ...livechatSettings,
      WT_API_URL: webex.apiUrl,
      WT_API_TOKEN: "demo-bot-token",
      WT_WEBHOOK_SECRET: "demo-webhook-secret",
      DATABASE_URL: `file:${join(folder, "demo.db")}`,
      ...settings,
    };
    return {
      serverUrl: publicUrl,
      settings: environment,
      folder,
      leadTo: front.leadTo,
      chatio,
      livechat,
      webex,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts LiveChat with one organization and the app's webhooks, which are registered once for all organizations. */
async function startLivechat(publicUrl: string, options?: Partial<LivechatOptions>) {
  const personalAccessToken = { accountId: "demo-developer", token: "demo-personal-access-token" };
  const app = { clientId: "demo-client", clientSecret: "demo-client-secret" };
  const redirectUri = `${publicUrl}/livechat/token`;
  const livechat = await startLivechatSandbox({ ...app, redirectUri, personalAccessToken, ...options });
  livechat.addOrganization(ORGANIZATION, "owner@pizza.example");
  const secret_key = "demo-livechat-webhook-secret";
  const description = "Pizza BOT of chatops-server";
  const hook = { url: `${publicUrl}/livechat/webhook`, secret_key, type: "license", description } as const;
  livechat.addWebhook({ ...hook, action: "incoming_chat" });
  livechat.addWebhook({ ...hook, action: "incoming_event" });
  const livechatSettings: Environment = {
    LIVECHAT_CLIENT_ID: app.clientId,
    LIVECHAT_CLIENT_SECRET: app.clientSecret,
    LIVECHAT_WEBHOOK_SECRET: secret_key,
    LIVECHAT_ACCOUNTS_URL: livechat.accountsUrl,
    LIVECHAT_API_URL: livechat.apiUrl,
    LIVECHAT_PAT: `${personalAccessToken.accountId}:${personalAccessToken.token}`,
  };
  return { livechat, livechatSettings };
}

/** Two webhooks, since a filter has no "or": mentions in groups, and every message in a 1:1 room. */
function addHooks(webex: WebexSandbox, targetUrl: string): void {
  const hook = { targetUrl, resource: "messages", event: "created", secret: "demo-webhook-secret" } as const;
  webex.addWebhook({
    ...hook,
    name: "globobot: mentions in groups",
    filter: "roomType=group&mentionedPeople=me",
  });
  webex.addWebhook({ ...hook, name: "globobot: 1:1 rooms", filter: "roomType=direct" });
}
