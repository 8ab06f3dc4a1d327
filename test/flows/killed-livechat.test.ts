import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startServerProcess } from "../../src/demo/server-process.ts";
import { ORGANIZATION, prepareStage } from "../../src/demo/stage.ts";
import type { Fault } from "../../src/sandbox/faults.ts";
import { installFromMarketplace, isLivechatBotIn, livechatLines, SAID } from "../support/livechat-stage.ts";
import { COMPILE_CACHE } from "../support/process.ts";
import { openTestStore } from "../support/store.ts";

/** Where a call is stopped: before it is done, or after it was done and before the answer. */
const MOMENTS = ["hang", "no-answer"] as const;
const REST = ["issue_bot_token", "set_routing_status", "enable_license_webhooks"];
const CALLS = {
  "for the first time": ["exchange", "list_bots", "list_groups", "create_bot", ...REST],
  again: ["exchange", "list_bots", "list_groups", "update_bot", ...REST],
  "where a crash has left a bot": [
    "exchange",
    "list_bots",
    "list_groups",
    "update_bot",
    "reset_bot_secret",
    ...REST,
  ],
};
const PATIENCE_MS = 120_000;
const PATIENCE = { timeout: PATIENCE_MS };

/** The faults that stop each call once at each moment, in this order. */
function stopsAtEach(calls: readonly string[]): Fault[] {
  return calls.flatMap((endpoint) => MOMENTS.map((kind) => ({ kind, endpoint, times: 1 })));
}

/** The server in a process of its own between the stand-ins. */
async function startKillable() {
  const stage = await prepareStage();
  const { livechat, folder, leadTo } = stage;
  livechat.delivery.retryAfterMs = 200;
  const path = join(folder, "demo.db");
  const start = async () => {
    const started = await startServerProcess({
      settings: { ...stage.settings, ...COMPILE_CACHE, PORT: "0" },
      folder,
    });
    leadTo(started.url);
    return started;
  };
  let server = await start();
  let stopped = 0;

  return {
    ...stage,
    path,
    /** Forgets what an earlier test has left to be stopped. */
    begin(): void {
      livechat.faults.clear();
      stopped = livechat.faults.injected();
    },
    async stop(): Promise<void> {
      await server.kill();
      await stage.stop();
    },
    addOrganization(): string {
      const organization = randomUUID();
      livechat.addOrganization(organization);
      return organization;
    },
    /** Waits until one more call has been stopped. */
    async untilStopped(): Promise<void> {
      stopped += 1;
      await vi.waitFor(() => expect(livechat.faults.injected()).toBe(stopped));
    },
    /** Kills the server, and starts it again. */
    async kill(): Promise<void> {
      await server.kill();
      leadTo(null);
      expireLeases(path);
      server = await start();
    },
    install: async (organization: string) => {
      expect((await installFromMarketplace(stage, organization)).status).toBe(200);
    },
    installationOf: async (organization: string) => {
      const store = openTestStore(path, "demo-client-secret");
      const found = await store.installations.of("livechat").find(organization);
      await store.close();
      return found;
    },
    /** How many jobs are not done. */
    async unfinished(): Promise<number> {
      const store = openTestStore(path, "demo-client-secret");
      const { waiting, working, dead } = await store.desk.countByState();
      await store.close();
      return waiting + working + dead;
    },
    isAccepted: async (accessToken: string) => {
      const headers = { authorization: `Bearer ${accessToken}` };
      return (await fetch(`${livechat.accountsUrl}/v2/info`, { headers })).ok;
    },
  };
}

type Killable = Awaited<ReturnType<typeof startKillable>>;

/** One for all tests: each kills its server once, in organizations of its own. */
let stage: Killable;
beforeAll(async () => {
  stage = await startKillable();
}, PATIENCE_MS);
beforeEach(() => stage.begin());
afterAll(() => stage.stop());

/** As if the seconds had passed for which others wait for a process that has died. */
function expireLeases(path: string): void {
  const db = new DatabaseSync(path, { timeout: 5000 });
  db.exec("UPDATE installation_leases SET lease_until = 0");
  db.close();
}

async function expectAllIsWell(organization: string): Promise<void> {
  const { livechat } = stage;
  const installation = await stage.installationOf(organization);
  expect(livechat.botAgents(organization)).toEqual([
    {
      id: installation?.botId,
      name: "Pizza BOT",
      status: "not_accepting_chats",
      groups: [{ id: 0, priority: "supervisor" }],
    },
  ]);
  expect(livechat.areWebhooksEnabled(organization)).toBe(true);
  expect(await stage.isAccepted(installation?.credentials?.accessToken ?? "")).toBe(true);
  const { chatId } = await livechat.startChat(organization, "pizza");
  await expectSaidOnce(organization, chatId);
}

async function expectSaidOnce(organization: string, chatId: string): Promise<void> {
  await vi.waitFor(() => {
    expect(livechatLines(stage, chatId)).toEqual([SAID]);
    expect(isLivechatBotIn(stage, chatId, organization)).toBe(false);
  });
}

/** What an installation finds in the organizations. */
async function prepare(kind: string, organizations: readonly string[]): Promise<void> {
  if (kind === "for the first time") return;
  for (const organization of organizations) await stage.install(organization);
  if (kind === "again") return;
  const store = openTestStore(stage.path, "demo-client-secret");
  for (const organization of organizations) await store.installations.of("livechat").remove(organization);
  await store.close();
}

test.each(Object.entries(CALLS))(
  "the server is killed at each call of installing %s: installing once more leaves one bot that works",
  PATIENCE,
  async (kind, calls) => {
    const stops = stopsAtEach(calls);
    const organizations = stops.map(stage.addOrganization);
    await prepare(kind, organizations);
    for (const stop of stops) stage.livechat.faults.inject(stop);
    // Each passes the calls at which others are stopped already, and is stopped at the next one.
    for (const organization of organizations) {
      void installFromMarketplace(stage, organization).catch(() => {});
      await stage.untilStopped();
    }

    await stage.kill();

    // The earlier installation goes on working, whether there is another one or not.
    if (kind === "again") await Promise.all(organizations.map(expectAllIsWell));
    await Promise.all(organizations.map(stage.install));
    await Promise.all(organizations.map(expectAllIsWell));
  },
);

test(
  "the server is killed at each call of a reaction: the agents are told, and the bot is out",
  PATIENCE,
  async () => {
    await stage.install(ORGANIZATION);
    const stops = stopsAtEach(["add_user_to_chat", "send_event", "remove_user_from_chat"]);
    for (const stop of stops) stage.livechat.faults.inject(stop);
    const chats: string[] = [];
    for (const _stop of stops) {
      const { chatId } = await stage.livechat.startChat(ORGANIZATION, "pizza");
      chats.push(chatId);
      await stage.untilStopped();
    }

    await stage.kill();

    // The one call that a crash repeats: sending, after it was done.
    const isRepeated = stops.map(({ endpoint, kind }) => endpoint === "send_event" && kind === "no-answer");
    await vi.waitFor(async () => {
      expect(chats.map((chatId) => livechatLines(stage, chatId).length > 1)).toEqual(isRepeated);
      for (const chatId of chats) expect(livechatLines(stage, chatId)).toContain(SAID);
      expect(chats.filter((chatId) => isLivechatBotIn(stage, chatId))).toEqual([]);
      expect(await stage.unfinished()).toBe(0);
    });
  },
);

test(
  "the server is killed at each call that renews tokens: the reaction is made all the same",
  PATIENCE,
  async () => {
    const stops = stopsAtEach(["issue_bot_token", "refresh"]);
    const organizations = stops.map(stage.addOrganization);
    for (const organization of organizations) await stage.install(organization);
    for (const organization of organizations) {
      stage.livechat.expireBotTokens(organization);
      stage.livechat.expireAccessTokens(organization);
    }
    for (const stop of stops) stage.livechat.faults.inject(stop);
    const chats: [organization: string, chatId: string][] = [];
    for (const organization of organizations) {
      const { chatId } = await stage.livechat.startChat(organization, "pizza");
      chats.push([organization, chatId]);
      await stage.untilStopped();
    }

    await stage.kill();

    await Promise.all(chats.map(([organization, chatId]) => expectSaidOnce(organization, chatId)));
    await Promise.all(organizations.map(expectAllIsWell));
  },
);
