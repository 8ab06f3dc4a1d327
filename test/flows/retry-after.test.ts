import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { LICENSE, prepareStage } from "../../src/demo/stage.ts";
import { passTime, stopClock, timePassesUntil } from "../support/clock.ts";
import { createLogSink } from "../support/log.ts";
import { isBotIn, pizzaLines, startInstalledStage, startOn, type TestStage } from "../support/stage.ts";

const SAID = "Pizza is on the way!";
const ANA = "ana@example.com";

/** Waits for what takes no time but that of this machine. */
async function until(check: () => boolean): Promise<void> {
  while (!check()) await nextTurn();
}

/** The names of the calls to chat.io from now on. */
function callsFromNow({ chatio }: Pick<TestStage, "chatio">): () => string[] {
  const before = chatio.calls.length;
  return () => chatio.calls.slice(before).map(({ name }) => name);
}

async function startChats({ chatio }: TestStage, count: number): Promise<string[]> {
  const chats = await Promise.all(
    Array.from({ length: count }, () => chatio.startChat(LICENSE, "one pizza please")),
  );
  return chats.map(({ chatId }) => chatId);
}

function untilAllServed(stage: TestStage, chats: readonly string[]): Promise<void> {
  return timePassesUntil(() => {
    for (const chatId of chats) {
      expect(pizzaLines(stage, chatId)).toEqual([SAID]);
      expect(isBotIn(stage, chatId)).toBe(false);
    }
  });
}

/** Nothing more is called while so much time passes. */
async function isQuietFor(ms: number, calls: () => string[]): Promise<void> {
  const before = calls();
  await passTime(ms);
  expect(calls()).toEqual(before);
}

test.each([
  ["429", { kind: "status-429" }],
  ["503", { kind: "status-503" }],
  ["gateway's 503", { kind: "gateway", status: 503 }],
] as const)("after a %s at join with Retry-After, no call follows until it is over", async (_name, fault) => {
  const stage = await startInstalledStage();
  const calls = callsFromNow(stage);
  stage.chatio.faults.inject({ ...fault, endpoint: "join_chat", times: 1, retryAfter: "20" });
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await until(() => calls().length > 0);
  await isQuietFor(19_000, calls);
  expect(calls()).toEqual(["join_chat"]);
  await untilAllServed(stage, [chatId]);
});

test("of sixty chats at once one meets a 429: what is under way ends, and nothing else is begun", async () => {
  const stage = await startInstalledStage();
  const { calls: all, faults } = stage.chatio;
  faults.inject({ kind: "slow", endpoint: "join_chat", times: 59, delayMs: 300 });
  faults.inject({ kind: "status-429", endpoint: "join_chat", times: 1, retryAfter: "30" });
  const calls = callsFromNow(stage);
  const before = faults.injected();
  const chats = await startChats(stage, 60);
  await until(() => faults.injected() === before + 60);
  await timePassesUntil(() => expect(stage.sink.text()).toContain("asks for a pause"));
  const atLimit = calls().length;
  // Joins that are under way end, and would be followed by as many sends and leaves.
  await until(() => all.every(({ status }) => status !== null));
  await isQuietFor(25_000, calls);
  expect(calls()).toHaveLength(atLimit);
  await untilAllServed(stage, chats);
});

test("a Retry-After at join is not forgotten for what happens at leaving", async () => {
  const stage = await startInstalledStage();
  const [first] = await startChats(stage, 1);
  await untilAllServed(stage, [first ?? ""]);
  const calls = callsFromNow(stage);
  // The first meets a fault and has to leave; the limit comes at that.
  stage.chatio.faults.inject({ kind: "reset", endpoint: "join_chat", times: 1 });
  stage.chatio.faults.inject({
    kind: "status-429",
    endpoint: "remove_from_chat",
    times: 1,
    retryAfter: "20",
  });
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await until(() => calls().length === 2);
  await isQuietFor(19_000, calls);
  expect(calls()).toEqual(["join_chat", "remove_from_chat"]);
  await untilAllServed(stage, [chatId]);
});

/** Chats whose joins all meet an access token that has just expired. */
async function startChatsWithExpiringToken(stage: TestStage, count: number): Promise<string[]> {
  const { faults } = stage.chatio;
  const before = faults.injected();
  faults.inject({ kind: "slow", endpoint: "join_chat", times: count, delayMs: 2000 });
  const chats = await startChats(stage, count);
  await until(() => faults.injected() === before + count);
  stage.chatio.expireAccessTokens(LICENSE);
  return chats;
}

test("a 429 at /token: one refresh, however many jobs wait for it, and no other call", async () => {
  const stage = await startInstalledStage();
  stage.chatio.faults.inject({ kind: "status-429", endpoint: "refresh", times: 1, retryAfter: "20" });
  const calls = callsFromNow(stage);
  const chats = await startChatsWithExpiringToken(stage, 8);
  await until(() => calls().includes("refresh"));
  await isQuietFor(19_000, calls);
  expect(calls()).toEqual([...Array(8).fill("join_chat"), "refresh"]);
  await untilAllServed(stage, chats);
  expect(calls().filter((name) => name === "refresh")).toHaveLength(2);
});

test("a hold outlives the process: the next one makes no call before it is over", async () => {
  stopClock();
  const stage = await prepareStage();
  onTestFinished(stage.stop);
  const sink = createLogSink();
  const start = () => startOn(stage, sink.log, { CHATIO_CLIENT_ID: "", CHATIO_CLIENT_SECRET: "" });
  const room = stage.webex.addRoom({ title: "Accounts", members: [ANA] });
  stage.webex.faults.inject({
    kind: "status-429",
    endpoint: "GET /messages/:id",
    times: 1,
    retryAfter: "20",
  });
  const first = await start();
  await stage.webex.says(ANA, room.id, "@globobot acct100");
  await until(() => sink.text().includes("asks for a pause"));
  await first.stop();
  onTestFinished((await start()).stop);
  // Not even the look at the webhooks, with which every start begins.
  await isQuietFor(19_000, () => stage.webex.calls.map(({ name }) => name));
  await timePassesUntil(() =>
    expect(stage.webex.transcript(room.id).at(-1)?.text).toBe("balance for acct100: 40.00 USD"),
  );
});
