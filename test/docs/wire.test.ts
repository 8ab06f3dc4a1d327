import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { createChatioClient } from "../../src/platforms/chatio/client.ts";
import { createLivechatClient, type LivechatClient } from "../../src/platforms/livechat/client.ts";
import { createWebhooksClient, type WebhooksClient } from "../../src/platforms/livechat/webhooks.ts";
import { createWebexClient, type WebexClient } from "../../src/platforms/webex/client.ts";
import { CHATIO_CALLS } from "../support/chatio.ts";
import { SECTIONS } from "./catalogue.ts";
import { type Recording, recordWire } from "./recording.ts";
import { wirePage } from "./wire-page.ts";

const PAGE = readFileSync(new URL("../../docs/wire.md", import.meta.url), "utf8");

/** What the page shows of a platform. */
const headingsOf = (platform: string) =>
  SECTIONS.filter((section) => section.platform === platform).flatMap(({ entries }) =>
    entries.map(({ heading }) => heading),
  );

/** On a busy machine; otherwise it takes two seconds. */
const PATIENCE_MS = 60_000;

/** The call that each method of our clients makes. */
const LIVECHAT_CALLS: Record<Exclude<keyof LivechatClient, "regionOf">, string> = {
  exchange: "exchange",
  refresh: "refresh",
  revoke: "revoke",
  listBots: "list_bots",
  createBot: "create_bot",
  setGroups: "update_bot",
  deleteBot: "delete_bot",
  getBotGroups: "get_bot",
  resetBotSecret: "reset_bot_secret",
  issueBotToken: "issue_bot_token",
  listGroups: "list_groups",
  areWebhooksEnabled: "get_license_webhooks_state",
  enableWebhooks: "enable_license_webhooks",
  goOnline: "set_routing_status",
  joinChat: "add_user_to_chat",
  sendMessage: "send_event",
  leaveChat: "remove_user_from_chat",
};
const LIVECHAT_WEBHOOK_CALLS: Record<keyof WebhooksClient, string> = {
  list: "list_webhooks",
  register: "register_webhook",
  unregister: "unregister_webhook",
};
const WEBEX_CALLS: Record<keyof WebexClient, string> = {
  getMe: "GET /people/me",
  getMessage: "GET /messages/{id}",
  createMessage: "POST /messages",
  listWebhooks: "GET /webhooks",
  createWebhook: "POST /webhooks",
  updateWebhook: "PUT /webhooks/{id}",
  deleteWebhook: "DELETE /webhooks/{id}",
};

describe("docs/wire.md", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await recordWire();
  }, PATIENCE_MS);

  test("is what the demo says today; npm run wire writes it anew", () => {
    expect(PAGE).toBe(wirePage(recording));
  });

  const address = { apiUrl: "http://localhost", apiVersion: "v0" };
  const app = {
    ...address,
    clientId: "",
    clientSecret: "",
    redirectUri: "",
    accountsUrl: "http://localhost",
  };
  const { regionOf: _, ...livechat } = createLivechatClient(app);
  const personalAccessToken = { accountId: "", token: "" };

  test.each([
    ["LiveChat", livechat, LIVECHAT_CALLS],
    ["LiveChat", createWebhooksClient({ ...app, personalAccessToken }), LIVECHAT_WEBHOOK_CALLS],
    ["chat.io", createChatioClient({ ...app, webhookUrl: "" }), CHATIO_CALLS],
    ["Webex", createWebexClient({ ...address, token: "" }), WEBEX_CALLS],
  ])("has every call that our client for %s makes", (platform, client, calls: Record<string, string>) => {
    expect(Object.keys(calls).sort()).toEqual(Object.keys(client).sort());
    expect(headingsOf(platform)).toEqual(expect.arrayContaining(Object.values(calls)));
  });

  test.each([
    ["LiveChat", /"action": "(incoming_\w+)",\s+"url"/g],
    ["chat.io", /\{ "name": "(incoming_\w+)" \}/g],
  ])("has every webhook that the bot of %s asks for", (platform, asked) => {
    const actions = [...PAGE.matchAll(asked)].map(([, action]) => action);
    expect(actions).toContain("incoming_event");
    expect(headingsOf(platform)).toEqual(expect.arrayContaining(actions));
  });

  test("has no secret", () => {
    const named =
      /"(access_token|refresh_token|token|code|code_verifier|client_secret|bot_secret|secret_key|secret)": "([^"]*)"/g;
    const shown = [...PAGE.matchAll(named)].map(([, , value]) => value);
    expect(shown.length).toBeGreaterThan(10);
    expect(new Set(shown)).toEqual(new Set(["•••"]));
    expect(PAGE.match(/[?&](token|code)=(?!•••)/g)).toBeNull();
    expect(recording.secrets).toHaveLength(6);
    expect(recording.secrets.filter((secret) => PAGE.includes(secret))).toEqual([]);
    // Whatever is random, tokens and ids alike, has a long run of letters and digits.
    expect(PAGE.match(/\b(?=[a-z]*\d)[\da-z]{16,}\b/gi)).toBeNull();
  });

  test("cannot be written where a call is missing", () => {
    const exchanges = recording.exchanges.filter(({ path }) => !path.endsWith("/join_chat"));
    expect(() => wirePage({ ...recording, exchanges })).toThrow("The recording has no join_chat.");
  });
});
