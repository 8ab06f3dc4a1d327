import { expect, test } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import type { FaultKind } from "../../src/sandbox/faults.ts";
import { timePassesUntil } from "../support/clock.ts";
import { isBotIn, pizzaLines, startStoppedStage, type TestStage } from "../support/stage.ts";

const SAID = "Pizza is on the way!";
const STEPS = ["join_chat", "send_event", "remove_from_chat"] as const;

/** Faults in which the call was not carried out, or in which its answer says nothing against it. */
const HARMLESS: FaultKind[] = [
  "status-500",
  "status-503",
  "status-423",
  "reset",
  "empty-body",
  "html-body",
  "other-shape",
];

async function startInstalledStage(): Promise<TestStage> {
  const stage = await startStoppedStage();
  expect((await stage.install()).status).toBe(200);
  return stage;
}

async function waitUntilSaidAndLeft(stage: TestStage, chatId: string, times = 1): Promise<void> {
  await timePassesUntil(() => {
    expect(pizzaLines(stage, chatId)).toEqual(Array(times).fill(SAID));
    expect(isBotIn(stage, chatId)).toBe(false);
  }, 10_000);
}

test.each(STEPS)(
  "whatever fault meets %s, the agents of each chat are told once, and the bot is out",
  async (step) => {
    const stage = await startInstalledStage();
    for (const kind of HARMLESS)
      stage.chatio.faults.inject({ kind, endpoint: step, times: 1, retryAfter: "1" });
    const chats = await Promise.all(HARMLESS.map(() => stage.chatio.startChat(LICENSE, "pizza")));
    for (const { chatId } of chats) await waitUntilSaidAndLeft(stage, chatId);
    await timePassesUntil(() =>
      expect(stage.sink.text().match(/replied to the agents/g)).toHaveLength(chats.length),
    );
    expect(stage.chatio.faults.injected()).toBe(HARMLESS.length);
  },
);

test.each(["join_chat", "remove_from_chat"] as const)(
  "an answer of %s that is lost after the work was done: the agents are told once, and the bot is out",
  async (endpoint) => {
    const stage = await startInstalledStage();
    stage.chatio.faults.inject({ kind: "lost-answer", endpoint, times: 1 });
    const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
    await waitUntilSaidAndLeft(stage, chatId);
  },
);

test("an answer of send_event that is lost is the one case in which the agents are told twice", async () => {
  const stage = await startInstalledStage();
  stage.chatio.faults.inject({ kind: "lost-answer", endpoint: "send_event", times: 1 });
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await waitUntilSaidAndLeft(stage, chatId, 2);
});

test("while sending fails again and again, the bot waits outside the chat", async () => {
  const stage = await startInstalledStage();
  stage.chatio.faults.inject({ kind: "status-503", endpoint: "send_event", times: 3 });
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await waitUntilSaidAndLeft(stage, chatId);
  const calls = stage.chatio.calls.map(({ name }) => name).filter((name) => name !== "info");
  const attempt = ["join_chat", "send_event", "remove_from_chat"];
  expect(calls.slice(-12)).toEqual([...attempt, ...attempt, ...attempt, ...attempt]);
});

test("leaving is tried until it succeeds, and nothing is said again meanwhile", async () => {
  const stage = await startInstalledStage();
  stage.chatio.faults.inject({ kind: "status-500", endpoint: "remove_from_chat", times: 3 });
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await waitUntilSaidAndLeft(stage, chatId);
  await timePassesUntil(() => expect(stage.chatio.faults.injected()).toBe(3));
});

test("a rate limit holds back its own license only, and work resumes by itself when it is over", async () => {
  const stage = await startInstalledStage();
  stage.chatio.addLicense(2001);
  stage.chatio.signIn(2001);
  await stage.install();
  const limited = await stage.chatio.startChat(LICENSE, "hello");
  const limitedToken = () => stage.chatio.calls.filter(({ name }) => name === "join_chat").length;
  stage.chatio.faults.inject({ kind: "status-429", endpoint: "join_chat", times: 1, retryAfter: "3" });
  const limitedAt = Date.now();
  await stage.chatio.customerWrites(limited.chatId, "pizza");
  await timePassesUntil(() => expect(limitedToken()).toBe(1));

  const second = await stage.chatio.startChat(LICENSE, "pizza");
  const free = await stage.chatio.startChat(2001, "pizza");
  await timePassesUntil(() => expect(pizzaLines(stage, free.chatId)).toEqual([SAID]), 2900);
  expect(Date.now() - limitedAt).toBeLessThan(3000);
  expect(pizzaLines(stage, second.chatId)).toEqual([]);

  await waitUntilSaidAndLeft(stage, limited.chatId);
  await waitUntilSaidAndLeft(stage, second.chatId);
  expect(Date.now() - limitedAt).toBeGreaterThanOrEqual(3000);
});

test.each(STEPS)(
  "a %s that is never answered is given up after its time-out and made again",
  async (endpoint) => {
    const stage = await startStoppedStage({}, { timeoutMs: 500 });
    await stage.install();
    stage.chatio.faults.inject({ kind: "hang", endpoint, times: 1 });
    const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
    await waitUntilSaidAndLeft(stage, chatId);
  },
);

test("a reaction that has waited for longer than REACTION_MAX_AGE is dropped, and the bot is out", async () => {
  const stage = await startStoppedStage({ REACTION_MAX_AGE: "1s" });
  await stage.install();
  stage.chatio.faults.inject({ kind: "status-503", endpoint: "send_event" });
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await timePassesUntil(() => expect(stage.sink.text()).toContain("longer than REACTION_MAX_AGE"));
  expect(pizzaLines(stage, chatId)).toEqual([]);
  expect(isBotIn(stage, chatId)).toBe(false);
});

test("a bot agent whose making was not answered does not stay behind, nor does the next installation make a second", async () => {
  const stage = await startStoppedStage();
  stage.chatio.faults.inject({ kind: "lost-answer", endpoint: "create_bot_agent", times: 1 });
  expect((await stage.install()).status).toBe(502);
  expect(stage.chatio.botAgents(LICENSE)).toEqual([]);
  expect((await stage.install()).status).toBe(200);
  expect(stage.chatio.botAgents(LICENSE)).toHaveLength(1);
});

test("a failure at any step of an installation leaves no bot and no token behind", async () => {
  const stage = await startStoppedStage();
  for (const endpoint of ["info", "create_bot_agent"]) {
    stage.chatio.faults.inject({ kind: "status-500", endpoint, times: 1 });
    const code = stage.chatio.issueCode(LICENSE);
    const answer = await fetch(`${stage.serverUrl}/token?${new URLSearchParams({ code })}`);
    expect(answer.status).toBe(502);
    expect(stage.chatio.botAgents(LICENSE)).toEqual([]);
    expect(stage.chatio.calls.at(-1)).toMatchObject({ name: "revoke", status: 200 });
  }
});
