import { expect, test, vi } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { anIncomingEvent } from "../support/deliveries.ts";
import { isBotIn, pizzaLines, startTestStage, type TestStage } from "../support/stage.ts";

const VISIT = ["join_chat", "send_event", "remove_from_chat"];

async function startInstalledStage(): Promise<TestStage> {
  const stage = await startTestStage();
  const page = await (await stage.install()).text();
  expect(page).toContain(`license <strong>${LICENSE}</strong>`);
  expect(calls(stage)).toEqual(["authorize", "exchange", "info", "create_bot_agent"]);
  stage.chatio.calls.length = 0;
  return stage;
}

/** What the server itself called, in order. */
function calls(stage: TestStage): string[] {
  return stage.chatio.calls.map(({ name }) => name);
}

async function waitUntilQuiet(stage: TestStage, chatId: string, times: number): Promise<void> {
  await vi.waitFor(() => {
    expect(pizzaLines(stage, chatId)).toHaveLength(times);
    expect(isBotIn(stage, chatId)).toBe(false);
  }, 5000);
  await stage.chatio.settled();
}

test("once installed, the bot joins the chat of a customer who wants pizza, tells the agents only, and leaves", async () => {
  const stage = await startInstalledStage();
  const { chatId } = await stage.chatio.startChat(LICENSE, "one pizza please");
  await waitUntilQuiet(stage, chatId, 1);
  expect(stage.chatio.transcript(chatId).filter(({ recipients }) => recipients === "agents")).toMatchObject([
    { author: "Pizza BOT", text: "Pizza is on the way!" },
  ]);
  // All of it came back by webhook and caused nothing more: the customer's message, two system messages, the bot's own.
  expect(stage.chatio.deliveries.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(calls(stage)).toEqual(VISIT);
});

test("each of several pizza messages at the same moment gets one reaction, one after the other", async () => {
  const stage = await startInstalledStage();
  stage.chatio.delivery.copies = 3;
  const { chatId } = await stage.chatio.startChat(LICENSE, "hello");
  await Promise.all([1, 2, 3, 4].map((n) => stage.chatio.customerWrites(chatId, `pizza ${n}`)));
  await waitUntilQuiet(stage, chatId, 4);
  expect(calls(stage)).toEqual(Array(4).fill(VISIT).flat());
});

test("a delivery without the installation's secret is 401, one that is not JSON 400, and chat.io is not called", async () => {
  const stage = await startInstalledStage();
  const post = async (body: string) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${stage.serverUrl}/webhook`, { method: "POST", headers, body });
    return [answer.status, await answer.json()];
  };
  expect(await post(JSON.stringify(anIncomingEvent({ secret: "secret-of-nobody" })))).toEqual([
    401,
    { error: "The delivery's secret_key belongs to no installation." },
  ]);
  expect(await post("{")).toEqual([400, { error: "The body is not JSON." }]);
  expect(calls(stage)).toEqual([]);
});
