import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { ORGANIZATION } from "../../src/demo/stage.ts";
import type { Fault, FaultKind } from "../../src/sandbox/faults.ts";
import { passTime, timePassesUntil } from "../support/clock.ts";
import { INSTALL_CALLS } from "../support/livechat.ts";
import {
  installFromMarketplace,
  isLivechatBotIn,
  livechatLines,
  SAID,
  startStoppedLivechat,
} from "../support/livechat-stage.ts";
import { startStoppedStage, type TestStage } from "../support/stage.ts";

const STEPS = ["add_user_to_chat", "send_event", "remove_user_from_chat"] as const;
const RENEWING = ["issue_bot_token", "refresh"];

const refusals: Fault[] = [
  { kind: "refused", type: "internal", status: 500 },
  { kind: "refused", type: "request_timeout", status: 504 },
  { kind: "refused", type: "service_unavailable", status: 503 },
  { kind: "refused", type: "too_many_requests", status: 429 },
  { kind: "refused", type: "authentication", status: 401 },
  { kind: "refused", type: "agent_offline", status: 422 },
  { kind: "refused", type: "missing_access", status: 403 },
];

/** Faults in which the call was not carried out, or in which its answer says nothing against it. */
const HARMLESS: Fault[] = [
  { kind: "status-500" },
  { kind: "status-503" },
  { kind: "status-429", retryAfter: "1" },
  { kind: "reset" },
  { kind: "empty-body" },
  { kind: "html-body" },
  { kind: "other-shape" },
  { kind: "gateway" },
  ...refusals,
];

/** Whatever can go wrong with one call, whether it was carried out or not. */
const ALL: FaultKind[] = [
  "status-500",
  "status-503",
  "status-429",
  "reset",
  "hang",
  "lost-answer",
  "empty-body",
  "html-body",
  "other-shape",
  "cut-body",
  "huge-body",
  "broken-gzip",
  "gateway",
];

async function waitUntilSaidAndLeft(stage: TestStage, chatId: string, times = 1): Promise<void> {
  await timePassesUntil(() => {
    expect(livechatLines(stage, chatId)).toEqual(Array(times).fill(SAID));
    expect(isLivechatBotIn(stage, chatId)).toBe(false);
  });
}

test.each(STEPS)(
  "whatever fault meets %s, the agents of each chat are told once, and the bot is out",
  async (endpoint) => {
    const stage = await startStoppedLivechat();
    for (const fault of HARMLESS) stage.livechat.faults.inject({ ...fault, endpoint, times: 1 });
    const chats = await Promise.all(HARMLESS.map(() => stage.livechat.startChat(ORGANIZATION, "pizza")));
    for (const { chatId } of chats) await waitUntilSaidAndLeft(stage, chatId);
    await timePassesUntil(() =>
      expect(stage.sink.text().match(/replied to the agents/g)).toHaveLength(chats.length),
    );
    expect(stage.livechat.faults.injected()).toBe(HARMLESS.length);
  },
);

test.each(["add_user_to_chat", "remove_user_from_chat"])(
  "an answer of %s that is lost after the work was done: the agents are told once, and the bot is out",
  async (endpoint) => {
    const stage = await startStoppedLivechat();
    stage.livechat.faults.inject({ kind: "lost-answer", endpoint, times: 1 });
    const { chatId } = await stage.livechat.startChat(ORGANIZATION, "pizza");
    await waitUntilSaidAndLeft(stage, chatId);
  },
);

test("an answer of send_event that is lost is the one case in which the agents are told twice", async () => {
  const stage = await startStoppedLivechat();
  stage.livechat.faults.inject({ kind: "lost-answer", endpoint: "send_event", times: 1 });
  const { chatId } = await stage.livechat.startChat(ORGANIZATION, "pizza");
  await waitUntilSaidAndLeft(stage, chatId, 2);
});

test.each(STEPS)(
  "a %s that is never answered is given up after its time-out and made again",
  async (endpoint) => {
    const stage = await startStoppedLivechat({}, { timeoutMs: 500 });
    stage.livechat.faults.inject({ kind: "hang", endpoint, times: 1 });
    const { chatId } = await stage.livechat.startChat(ORGANIZATION, "pizza");
    await waitUntilSaidAndLeft(stage, chatId);
  },
);

test.each(RENEWING)(
  "whatever fault meets %s while tokens are renewed, the agents are told once",
  async (endpoint) => {
    const stage = await startStoppedLivechat({}, { timeoutMs: 500 });
    for (const kind of ALL) {
      stage.livechat.expireAccessTokens();
      stage.livechat.expireBotTokens();
      stage.livechat.faults.inject({ kind, endpoint, times: 1 });
      const { chatId } = await stage.livechat.startChat(ORGANIZATION, "pizza");
      await waitUntilSaidAndLeft(stage, chatId);
    }
    expect(stage.livechat.faults.injected()).toBe(ALL.length);
  },
);

test("a reaction that has waited for longer than REACTION_MAX_AGE is dropped, and the bot is out", async () => {
  const stage = await startStoppedLivechat({ REACTION_MAX_AGE: "1s" });
  stage.livechat.faults.inject({ kind: "status-503", endpoint: "send_event" });
  const { chatId } = await stage.livechat.startChat(ORGANIZATION, "pizza");
  await timePassesUntil(() => expect(stage.sink.text()).toContain("longer than REACTION_MAX_AGE"));
  expect(livechatLines(stage, chatId)).toEqual([]);
  expect(isLivechatBotIn(stage, chatId)).toBe(false);
});

/** The same while a page is answered only as time passes. */
async function installWhileTimePasses(stage: TestStage, organization: string): Promise<number> {
  let status: number | null = null;
  void installFromMarketplace(stage, organization).then((page) => {
    status = page.status;
  });
  await timePassesUntil(() => expect(status).not.toBeNull());
  return status ?? 0;
}

test.each(INSTALL_CALLS)(
  "whatever fault meets %s, an installation is complete, or leaves no bot and no token behind",
  async (endpoint) => {
    const stage = await startStoppedStage({}, { timeoutMs: 500 });
    const { livechat } = stage;
    const organizations: string[] = [];
    const refused: string[] = [];
    // Last what asks for a pause.
    for (const kind of ALL.toSorted((a, b) => Number(a === "status-429") - Number(b === "status-429"))) {
      const organization = randomUUID();
      organizations.push(organization);
      livechat.addOrganization(organization);
      livechat.faults.inject({ kind, endpoint, times: 1 });

      const status = await installWhileTimePasses(stage, organization);

      if (status === 200) continue;
      refused.push(organization);
      const last = livechat.calls.at(-1);
      expect([kind, status, livechat.botAgents(organization)]).toEqual([kind, 502, []]);
      if (endpoint !== "exchange")
        expect([kind, last]).toMatchObject([kind, { name: "revoke", status: 200 }]);
    }
    // Refused installations of one address are limited by the minute, and a rate limit asks for a pause.
    await passTime(60_000, 10_000);
    for (const organization of refused) expect(await installWhileTimePasses(stage, organization)).toBe(200);
    for (const organization of organizations)
      expect(livechat.botAgents(organization)).toMatchObject([{ status: "not_accepting_chats" }]);
    expect(livechat.faults.injected()).toBe(ALL.length);
  },
);
