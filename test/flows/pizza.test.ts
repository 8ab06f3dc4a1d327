import { expect, test, vi } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { anIncomingEvent } from "../support/deliveries.ts";
import { isBotIn, pizzaLines, startTestStage, type TestStage } from "../support/stage.ts";

const SAID = "Pizza is on the way!";

async function startInstalledStage(): Promise<TestStage> {
  const stage = await startTestStage();
  expect((await stage.install()).status).toBe(200);
  stage.chatio.calls.length = 0;
  return stage;
}

/** What the server itself called, in order. */
function calls(stage: TestStage): string[] {
  return stage.chatio.calls.map(({ name }) => name);
}

/** The status and the body of the answer to a delivery that did not come from chat.io. */
async function post(stage: TestStage, body: string): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${stage.serverUrl}/webhook`, { method: "POST", headers, body });
  return [answer.status, await answer.json()];
}

async function waitUntilQuiet(stage: TestStage, chatId: string, times: number): Promise<void> {
  await vi.waitFor(() => {
    expect(pizzaLines(stage, chatId)).toHaveLength(times);
    expect(isBotIn(stage, chatId)).toBe(false);
  }, 5000);
  await stage.chatio.settled();
}

test("an installation asks chat.io for tokens, license and bot agent, in this order and for nothing else", async () => {
  const stage = await startTestStage();
  const page = await (await stage.install()).text();
  expect(page).toContain(`license <strong>${LICENSE}</strong>`);
  expect(calls(stage)).toEqual(["authorize", "exchange", "info", "create_bot_agent"]);
});

test("a customer's pizza opens a chat: the bot joins, tells the agents only, and leaves", async () => {
  const stage = await startInstalledStage();
  const { chatId } = await stage.chatio.startChat(LICENSE, "one pizza please");
  await waitUntilQuiet(stage, chatId, 1);
  expect(calls(stage)).toEqual(["join_chat", "send_event", "remove_from_chat"]);
  expect(stage.chatio.transcript(chatId).filter(({ recipients }) => recipients === "agents")).toMatchObject([
    { author: "Pizza BOT", text: SAID },
  ]);
});

test("the bot's own message and the system's words about it cause no further reaction", async () => {
  const stage = await startInstalledStage();
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await waitUntilQuiet(stage, chatId, 1);
  // All of it came back by webhook: the customer's message, two system messages, the bot's own.
  expect(stage.chatio.deliveries.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(calls(stage)).toEqual(["join_chat", "send_event", "remove_from_chat"]);
});

test("an agent's pizza counts as much as a customer's; other words do not", async () => {
  const stage = await startInstalledStage();
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizzazz at the pizzeria");
  await stage.chatio.agentWrites(chatId, "You mean PIZZAS?");
  await waitUntilQuiet(stage, chatId, 1);
});

test("each of several pizza messages at the same moment gets one reaction, one after the other", async () => {
  const stage = await startInstalledStage();
  const { chatId } = await stage.chatio.startChat(LICENSE, "hello");
  await Promise.all([1, 2, 3, 4].map((n) => stage.chatio.customerWrites(chatId, `pizza ${n}`)));
  await waitUntilQuiet(stage, chatId, 4);
  expect(calls(stage)).toEqual(Array(4).fill(["join_chat", "send_event", "remove_from_chat"]).flat());
});

test("a delivery that comes three times is reacted to once", async () => {
  const stage = await startInstalledStage();
  stage.chatio.delivery.copies = 3;
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await waitUntilQuiet(stage, chatId, 1);
  expect(calls(stage)).toEqual(["join_chat", "send_event", "remove_from_chat"]);
});

test("a delivery without the installation's secret is 401, one that is no JSON 400, and chat.io is not called", async () => {
  const stage = await startInstalledStage();
  expect(await post(stage, JSON.stringify(anIncomingEvent({ secret: "secret-of-nobody" })))).toEqual([
    401,
    { error: "The delivery's secret_key belongs to no installation." },
  ]);
  expect(await post(stage, "{")).toEqual([400, { error: "The body is not JSON." }]);
  expect(calls(stage)).toEqual([]);
});

test("chats do not wait for each other", async () => {
  const stage = await startInstalledStage();
  stage.chatio.faults.inject({ kind: "hang", endpoint: "join_chat", times: 1 });
  const slow = await stage.chatio.startChat(LICENSE, "pizza");
  await vi.waitFor(() => expect(stage.chatio.faults.injected()).toBe(1));
  const quick = await stage.chatio.startChat(LICENSE, "pizza");
  await waitUntilQuiet(stage, quick.chatId, 1);
  expect(pizzaLines(stage, slow.chatId)).toEqual([]);
  await stage.chatio.stop();
});

test("an expired token is renewed once, however many chats meet it, and the bot agent is updated", async () => {
  const stage = await startInstalledStage();
  const chats = await Promise.all([1, 2, 3].map((n) => stage.chatio.startChat(LICENSE, `hello ${n}`)));
  stage.chatio.faults.inject({ kind: "status-503", endpoint: "join_chat", times: 3 });
  await Promise.all(chats.map(({ chatId }) => stage.chatio.customerWrites(chatId, "pizza")));
  stage.chatio.expireAccessTokens(LICENSE);
  for (const { chatId } of chats) await waitUntilQuiet(stage, chatId, 1);
  expect(calls(stage).filter((name) => name === "refresh")).toHaveLength(1);
  expect(calls(stage)).toContain("update_bot_agent");
  expect(stage.chatio.botAgents(LICENSE)).toMatchObject([{ loggedIn: true }]);
});

test("installing again keeps the one bot agent; a bot removed on their side is made anew", async () => {
  const stage = await startInstalledStage();
  const [first] = stage.chatio.botAgents(LICENSE);
  expect((await stage.install()).status).toBe(200);
  expect(stage.chatio.botAgents(LICENSE)).toMatchObject([{ id: first?.id, loggedIn: true }]);
  stage.chatio.removeBotAgent(LICENSE, first?.id ?? "");
  expect((await stage.install()).status).toBe(200);
  expect(stage.chatio.botAgents(LICENSE)).toMatchObject([{ name: "Pizza BOT", loggedIn: true }]);
});

test("several licenses are served side by side", async () => {
  const stage = await startInstalledStage();
  stage.chatio.addLicense(2001, "other@company.example");
  stage.chatio.signIn(2001);
  expect(await (await stage.install()).text()).toContain("2001");
  const mine = await stage.chatio.startChat(LICENSE, "pizza");
  const theirs = await stage.chatio.startChat(2001, "pizza");
  await vi.waitFor(() => expect(pizzaLines(stage, theirs.chatId)).toEqual([SAID]));
  await waitUntilQuiet(stage, mine.chatId, 1);
});
