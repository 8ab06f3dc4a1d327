import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type ChatioClient, createChatioClient } from "../../src/platforms/chatio/client.ts";
import { createWebexClient, type WebexClient } from "../../src/platforms/webex/client.ts";
import { type Recording, recordWire } from "./recording.ts";
import { wirePage } from "./wire-page.ts";

const PAGE = readFileSync(new URL("../../docs/wire.md", import.meta.url), "utf8");
const HEADINGS = [...PAGE.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);

/** On a busy machine; otherwise it takes two seconds. */
const PATIENCE_MS = 60_000;

/** Under which heading each call of our clients stands. */
const CHATIO_CALLS: Record<keyof ChatioClient, string> = {
  exchange: "exchange",
  refresh: "refresh",
  info: "info",
  revoke: "revoke",
  createBotAgent: "create_bot_agent",
  updateBotAgent: "update_bot_agent",
  findBotAgents: "get_bot_agents",
  getBotAgentWebhookUrl: "get_bot_agent_details",
  removeBotAgent: "remove_bot_agent",
  joinChat: "join_chat",
  sendMessage: "send_event",
  leaveChat: "remove_from_chat",
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

  test("has every call that our clients make, and every webhook that chat.io's bot agent asks for", () => {
    const chatio = createChatioClient({
      clientId: "",
      clientSecret: "",
      redirectUri: "",
      accountsUrl: "http://localhost",
      apiUrl: "http://localhost",
      apiVersion: "v0.3",
      webhookUrl: "",
    });
    const webex = createWebexClient({ apiUrl: "http://localhost", token: "" });
    expect(Object.keys(CHATIO_CALLS).sort()).toEqual(Object.keys(chatio).sort());
    expect(Object.keys(WEBEX_CALLS).sort()).toEqual(Object.keys(webex).sort());
    expect(HEADINGS).toEqual(
      expect.arrayContaining([...Object.values(CHATIO_CALLS), ...Object.values(WEBEX_CALLS)]),
    );
    const actions = [...PAGE.matchAll(/\{ "name": "(incoming_\w+)" \}/g)].map(([, action]) => action);
    expect(actions).toContain("incoming_event");
    expect(HEADINGS).toEqual(expect.arrayContaining(actions));
  });

  test("has no secret", () => {
    const named = /"(access_token|refresh_token|code|client_secret|secret_key|secret)": "([^"]*)"/g;
    const shown = [...PAGE.matchAll(named)].map(([, , value]) => value);
    expect(shown.length).toBeGreaterThan(10);
    expect(new Set(shown)).toEqual(new Set(["•••"]));
    expect(PAGE.match(/[?&](token|code)=(?!•••)/g)).toBeNull();
    expect(recording.secrets).toHaveLength(3);
    expect(recording.secrets.filter((secret) => PAGE.includes(secret))).toEqual([]);
    // Whatever is random, tokens and ids alike, has a long run of letters and digits.
    expect(PAGE.match(/\b(?=[a-z]*\d)[\da-z]{16,}\b/gi)).toBeNull();
  });

  test("cannot be written where a call is missing", () => {
    const exchanges = recording.exchanges.filter(({ path }) => !path.endsWith("/join_chat"));
    expect(() => wirePage({ ...recording, exchanges })).toThrow("The recording has no join_chat.");
  });
});
