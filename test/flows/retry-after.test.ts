import { expect, onTestFinished, test, vi } from "vitest";
import { LICENSE, prepareStage } from "../../src/demo/stage.ts";
import { createLogSink } from "../support/log.ts";
import { isBotIn, pizzaLines, startOn, startTestStage, type TestStage } from "../support/stage.ts";

const SAID = "Pizza is on the way!";
const ANA = "ana@example.com";

async function startInstalledStage(): Promise<TestStage> {
  const stage = await startTestStage();
  await stage.install();
  return stage;
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

async function untilAllServed(stage: TestStage, chats: readonly string[]): Promise<void> {
  await vi.waitFor(() => {
    for (const chatId of chats) {
      expect(pizzaLines(stage, chatId)).toEqual([SAID]);
      expect(isBotIn(stage, chatId)).toBe(false);
    }
  }, 10_000);
}

test.each([
  ["429", { kind: "status-429" }],
  ["503", { kind: "status-503" }],
  ["gateway's 503", { kind: "gateway", status: 503 }],
] as const)("after a %s at join with Retry-After, no call follows until it is over", async (_name, fault) => {
  const stage = await startInstalledStage();
  const calls = callsFromNow(stage);
  stage.chatio.faults.inject({ ...fault, endpoint: "join_chat", times: 1, retryAfter: "2" });
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await vi.waitFor(() => expect(calls()).toEqual(["join_chat"]));
  const refusedAt = performance.now();
  await vi.waitFor(() => expect(calls().length).toBeGreaterThan(1), 5000);
  expect(performance.now() - refusedAt).toBeGreaterThan(1900);
  await untilAllServed(stage, [chatId]);
});

test("a join that was certainly not carried out is not undone", async () => {
  const stage = await startInstalledStage();
  const calls = callsFromNow(stage);
  stage.chatio.faults.inject({ kind: "status-429", endpoint: "join_chat", times: 1, retryAfter: "1" });
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await untilAllServed(stage, [chatId]);
  await vi.waitFor(() =>
    expect(calls()).toEqual(["join_chat", "join_chat", "send_event", "remove_from_chat"]),
  );
});

test("of sixty chats at once one meets a 429: what is under way ends, and nothing else is begun", async () => {
  const stage = await startInstalledStage();
  stage.chatio.faults.inject({ kind: "slow", endpoint: "join_chat", times: 59, delayMs: 1000 });
  stage.chatio.faults.inject({ kind: "status-429", endpoint: "join_chat", times: 1, retryAfter: "3" });
  const calls = callsFromNow(stage);
  const chats = await startChats(stage, 60);
  await vi.waitFor(() => expect(stage.sink.text()).toContain("asks for a pause"), 10_000);
  const atLimit = calls().length;
  // Joins that were under way end meanwhile, and would be followed by sixty sends and leaves.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(calls().length).toBe(atLimit);
  await untilAllServed(stage, chats);
});

test("a Retry-After at join is not forgotten for what happens at leaving", async () => {
  const stage = await startInstalledStage();
  const [first] = await startChats(stage, 1);
  await untilAllServed(stage, [first ?? ""]);
  const calls = callsFromNow(stage);
  // The first meets a fault and has to leave; the limit comes at that.
  stage.chatio.faults.inject({ kind: "reset", endpoint: "join_chat", times: 1 });
  stage.chatio.faults.inject({ kind: "status-429", endpoint: "remove_from_chat", times: 1, retryAfter: "2" });
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await vi.waitFor(() => expect(calls()).toEqual(["join_chat", "remove_from_chat"]));
  const limitedAt = performance.now();
  await vi.waitFor(() => expect(calls().length).toBeGreaterThan(2), 5000);
  expect(performance.now() - limitedAt).toBeGreaterThan(1900);
  await untilAllServed(stage, [chatId]);
});

/** Chats whose joins all meet an access token that has just expired. */
async function startChatsWithExpiringToken(stage: TestStage, count: number): Promise<string[]> {
  const before = stage.chatio.faults.injected();
  stage.chatio.faults.inject({ kind: "slow", endpoint: "join_chat", times: count, delayMs: 3000 });
  const chats = await startChats(stage, count);
  await vi.waitFor(() => expect(stage.chatio.faults.injected()).toBe(before + count), 5000);
  stage.chatio.expireAccessTokens(LICENSE);
  return chats;
}

test("a 429 at /token: one refresh, however many jobs wait for it, and no other call", async () => {
  const stage = await startInstalledStage();
  stage.chatio.faults.inject({ kind: "status-429", endpoint: "refresh", times: 1, retryAfter: "2" });
  const calls = callsFromNow(stage);
  const chats = await startChatsWithExpiringToken(stage, 8);
  const refreshes = () => calls().filter((name) => name === "refresh").length;
  await vi.waitFor(() => expect(refreshes()).toBe(1), 5000);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(calls()).toEqual([...Array(8).fill("join_chat"), "refresh"]);
  await untilAllServed(stage, chats);
  expect(refreshes()).toBe(2);
});

test("a 429 at update_bot_agent holds the license's reactions, too", async () => {
  const stage = await startInstalledStage();
  stage.chatio.faults.inject({ kind: "status-429", endpoint: "update_bot_agent", times: 1, retryAfter: "2" });
  const calls = callsFromNow(stage);
  const chats = await startChatsWithExpiringToken(stage, 1);
  await vi.waitFor(() => expect(calls()).toContain("update_bot_agent"), 5000);
  const limitedAt = performance.now();
  await vi.waitFor(() => expect(calls()).toContain("send_event"), 6000);
  expect(performance.now() - limitedAt).toBeGreaterThan(1900);
  await untilAllServed(stage, chats);
});

test("a hold outlives the process: the next one makes no call before it is over", async () => {
  const stage = await prepareStage();
  onTestFinished(stage.stop);
  const sink = createLogSink();
  const start = () => startOn(stage, sink.log, { CHATIO_CLIENT_ID: "", CHATIO_CLIENT_SECRET: "" });
  const room = stage.webex.addRoom({ title: "Accounts", members: [ANA] });
  stage.webex.faults.inject({
    kind: "status-429",
    endpoint: "GET /messages/:id",
    times: 1,
    retryAfter: "4",
  });
  const first = await start();
  await stage.webex.says(ANA, room.id, "@globobot acct100");
  await vi.waitFor(() => expect(stage.webex.faults.injected()).toBe(1));
  const limitedAt = performance.now();
  await first.stop();
  const before = stage.webex.calls.length;
  const second = await start();
  onTestFinished(second.stop);
  await vi.waitFor(() => expect(stage.webex.calls.length).toBeGreaterThan(before), 8000);
  // Not even the look at the webhooks, with which every start begins.
  expect(performance.now() - limitedAt).toBeGreaterThan(3800);
  await vi.waitFor(
    () => expect(stage.webex.transcript(room.id).at(-1)?.text).toBe("balance for acct100: 40.00 USD"),
    5000,
  );
});
