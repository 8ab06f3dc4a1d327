import { expect, onTestFinished } from "vitest";
import { type Environment, readConfig } from "../../src/config/config.ts";
import { type EmptyStage, LICENSE, type Stage, type StageOptions, setStage } from "../../src/demo/stage.ts";
import type { Log } from "../../src/log.ts";
import { type RunningServer, startServer } from "../../src/server.ts";
import { visit } from "./browser.ts";
import { stopClock } from "./clock.ts";
import { newDatabaseUrl, openStoppableStore } from "./database.ts";
import { createLogSink, type LogSink } from "./log.ts";

export type TestStage = Stage & {
  sink: LogSink;
  /** Installs the Pizza BOT on chat.io as a browser would. Returns the last page. */
  install(): Promise<Response>;
  /** The same on LiveChat. */
  installLivechat(): Promise<Response>;
};

/** The server between the stand-ins, stopped when the test is finished. */
export async function startTestStage(
  settings: Environment = {},
  options: Pick<StageOptions, "chatio" | "livechat" | "timeoutMs"> = {},
): Promise<TestStage> {
  const sink = createLogSink();
  const onDatabase = { DATABASE_URL: await newDatabaseUrl(), ...settings };
  const stage = await setStage({
    log: sink.log,
    settings: onDatabase,
    ...(onDatabase.DATABASE_URL?.startsWith("postgres") && { openStore: openStoppableStore }),
    ...options,
  });
  onTestFinished(stage.stop);
  const { serverUrl } = stage;
  return {
    ...stage,
    sink,
    install: () => install(`${serverUrl}/install`),
    installLivechat: () => install(`${serverUrl}/livechat/install`),
  };
}

/** The same while time stands still unless the test lets it pass. Calls are answered all the same. */
export function startStoppedStage(...options: Parameters<typeof startTestStage>): Promise<TestStage> {
  stopClock();
  return startTestStage(...options);
}

/** The same with the Pizza BOT installed. */
export async function startInstalledStage(...options: Parameters<typeof startTestStage>): Promise<TestStage> {
  const stage = await startStoppedStage(...options);
  expect((await stage.install()).status).toBe(200);
  return stage;
}

/** Starts a server on a stage that has none. */
export async function startOn(
  stage: EmptyStage,
  log: Log,
  settings: Environment = {},
): Promise<RunningServer> {
  const config = readConfig({ ...stage.settings, ...settings });
  const server = await startServer({ ...config, port: 0 }, { log });
  stage.leadTo(server.url);
  return server;
}

/** Installs the bot as a browser would that opens this address. Returns the last page. */
export async function install(url: string): Promise<Response> {
  const start = await fetch(url, { redirect: "manual" });
  const cookie = start.headers.get("set-cookie")?.split(";")[0] ?? "";
  const consent = await fetch(start.headers.get("location") ?? "", { redirect: "manual" });
  return visit(consent.headers.get("location") ?? "", [cookie]);
}

/** What the bot has said in the chat so far. */
export function pizzaLines(stage: Stage, chatId: string): string[] {
  return stage.chatio
    .transcript(chatId)
    .filter(({ author }) => author === "Pizza BOT")
    .map(({ text }) => text);
}

/** Whether the bot is in the chat. */
export function isBotIn(stage: Stage, chatId: string): boolean {
  const bots = stage.chatio.botAgents(LICENSE).map(({ id }) => id);
  return stage.chatio.members(chatId).some((member) => bots.includes(member));
}
