import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Environment, readConfig } from "../config/config.ts";
import { createLog, type Log } from "../log.ts";
import { type ChatioOptions, type ChatioSandbox, startChatioSandbox } from "../sandbox/chatio/index.ts";
import { startWebexSandbox, type WebexOptions, type WebexSandbox } from "../sandbox/webex/index.ts";
import { startServer } from "../server.ts";
import { type Front, openFront } from "./front.ts";

export const LICENSE = 1520;

/** Both stand-ins, and the settings of a server between them. */
export type Stage = {
  /** Where everybody reaches the server, whatever port it has; the same after each start. */
  serverUrl: string;
  /** Of the operator's commands, which find everything by them. The server's are the same, but for any PORT: 0. */
  settings: Environment;
  /** Gone when the stage is stopped. */
  folder: string;
  chatio: ChatioSandbox;
  webex: WebexSandbox;
  stop: () => Promise<void>;
};

export type StageOptions = {
  log?: Log;
  /** Settings of the server that differ from the demo's. */
  settings?: Environment;
  /** Milliseconds that a call of the server to a platform may take. */
  timeoutMs?: number;
  /** How the stand-ins differ from those of the demo that is played once. */
  chatio?: Partial<ChatioOptions>;
  webex?: Partial<WebexOptions>;
};

/** A stage whose server is somebody else's to start. */
export type EmptyStage = Stage & {
  /** Tells where the server listens; null when it has gone. */
  leadTo: Front["leadTo"];
};

/** Starts everything in this process, on free ports of this machine, with a database that is gone afterwards. */
export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const { leadTo, ...stage } = await prepareStage(options);
  try {
    const { log = createLog("error"), timeoutMs } = options;
    const server = await startServer(
      { ...readConfig(stage.settings), port: 0 },
      {
        log,
        ...(timeoutMs !== undefined && { timeoutMs }),
      },
    );
    leadTo(server.url);
    return { ...stage, stop: () => server.stop().finally(stage.stop) };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

/** The same without the server. */
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
      WT_API_URL: webex.apiUrl,
      WT_API_TOKEN: "demo-bot-token",
      WT_WEBHOOK_SECRET: "demo-webhook-secret",
      DATABASE_URL: `file:${join(folder, "demo.db")}`,
      ...settings,
    };
    return { serverUrl: publicUrl, settings: environment, folder, leadTo: front.leadTo, chatio, webex, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A mention in a group and any message in a 1:1 room are two webhooks: their filters know no "or". */
function addHooks(webex: WebexSandbox, targetUrl: string): void {
  const hook = { targetUrl, resource: "messages", event: "created", secret: "demo-webhook-secret" } as const;
  webex.addWebhook({
    ...hook,
    name: "globobot: mentions in groups",
    filter: "roomType=group&mentionedPeople=me",
  });
  webex.addWebhook({ ...hook, name: "globobot: 1:1 rooms", filter: "roomType=direct" });
}
