import { expect, test, vi } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { stopClock, turns } from "../support/clock.ts";
import { asOperator, PASSWORD, wordsOf } from "../support/operator.ts";
import { isBotIn, pizzaLines, startTestStage, type TestStage } from "../support/stage.ts";

/** Lets time pass for a whole server, whose calls over loopback take turns of the event loop and no time. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    await vi.advanceTimersByTimeAsync(250);
    await turns(40);
  }
}

type Line = { level: number; msg: string };

/** What an operator reads in the log at the level "info" since then. */
function linesAfter(stage: TestStage, from: number): Line[] {
  const lines = stage.sink.text().trimEnd().split("\n").slice(from);
  return lines.map((line): Line => JSON.parse(line)).filter(({ level }) => level >= 30);
}

const countLines = (stage: TestStage) => stage.sink.text().trimEnd().split("\n").length;

async function startInstalled(): Promise<TestStage> {
  const stage = await startTestStage({ ADMIN_PASSWORD: PASSWORD });
  expect((await stage.install()).status).toBe(200);
  return stage;
}

test("an outage of 40 s with five jobs: two lines tell of it, and every place where an operator looks", async () => {
  stopClock();
  const stage = await startInstalled();
  const chats = await Promise.all(Array.from({ length: 5 }, () => stage.chatio.startChat(LICENSE, "hello")));
  await stage.chatio.settled();
  const before = countLines(stage);
  stage.chatio.faults.inject({ kind: "status-503" });
  await Promise.all(chats.map(({ chatId }) => stage.chatio.customerWrites(chatId, "pizza")));
  await pass(29_000);
  expect(await (await fetch(`${stage.serverUrl}/readyz`)).json()).toMatchObject({ "chat.io": "ok" });
  await pass(11_000);

  const sentence = "chat.io has been failing since 10:00 UTC: 503; 5 jobs are waiting";
  const { body } = await asOperator(stage.serverUrl).get("/readyz").expect(200);
  expect(body).toMatchObject({ status: "ready", "chat.io": "failing", Webex: "ok" });
  expect(body.warnings).toContain(`${sentence}.`);
  const brief = await fetch(`${stage.serverUrl}/readyz`);
  expect(brief.status).toBe(200);
  expect(await brief.json()).toEqual({
    status: "ready",
    LiveChat: "ok",
    "chat.io": "failing",
    Webex: "ok",
  });
  const page = wordsOf((await asOperator(stage.serverUrl).get("/status").expect(200)).text);
  expect(page).toContain(`chat.io failing ${sentence}.`);
  expect(page).toMatch(/chat\.io is failing, next probe (in \d+ s|now)\./);
  const metrics = (await asOperator(stage.serverUrl).get("/metrics").expect(200)).text;
  expect(metrics).toContain('chatops_platform_failing{platform="chatio"} 1');
  expect(metrics).toContain('chatops_platform_failing{platform="webex"} 0');

  stage.chatio.faults.clear();
  for (
    let second = 0;
    second < 120 && chats.some(({ chatId }) => pizzaLines(stage, chatId).length === 0);
    second += 1
  )
    await pass(1000);
  await pass(2000);
  for (const { chatId } of chats) expect(isBotIn(stage, chatId)).toBe(false);

  const lines = linesAfter(stage, before);
  expect(lines.filter(({ msg }) => msg.startsWith("chat.io "))).toMatchObject([
    { level: 40, msg: `${sentence}.` },
    { level: 30, msg: expect.stringMatching(/^chat\.io works again; it failed for \d+(\.\d)? (s|min)\.$/) },
  ]);
  const warnings = lines.filter(({ level }) => level >= 40).map(({ msg }) => msg);
  expect(warnings.length).toBeLessThanOrEqual(8);
  const calm = await asOperator(stage.serverUrl).get("/readyz");
  expect(calm.body.warnings).not.toContainEqual(expect.stringContaining("failing"));
});

test("a license whose calls fail alone is named to operators, and no label names it", async () => {
  stopClock();
  const stage = await startInstalled();
  const room = stage.webex.addRoom({ title: "Accounts", members: ["ana@example.com"] });
  const { chatId } = await stage.chatio.startChat(LICENSE, "hello");
  await stage.chatio.settled();
  for (const endpoint of ["join_chat", "remove_from_chat"])
    stage.chatio.faults.inject({ kind: "status-503", endpoint });
  await stage.chatio.customerWrites(chatId, "pizza");
  for (let second = 0; second < 50; second += 5) {
    await pass(5000);
    // What is not this license's call is answered meanwhile.
    await fetch(`${stage.serverUrl}/token?code=wrong-${second}`);
  }
  await stage.webex.says("ana@example.com", room.id, "@globobot acct100");
  await pass(2000);

  const sentence =
    "License 1520 of chat.io has been failing since 10:00 UTC: 503; jobs are waiting in 1 chat";
  const { body } = await asOperator(stage.serverUrl).get("/readyz").expect(200);
  expect(body).toMatchObject({ status: "ready", "chat.io": "ok", Webex: "ok" });
  expect(body.warnings).toContain(`${sentence}.`);
  expect(stage.sink.messages()).toContain(`${sentence}.`);
  const page = wordsOf((await asOperator(stage.serverUrl).get("/status").expect(200)).text);
  expect(page).toContain(`chat.io works, with warnings ${sentence}.`);
  const metrics = (await asOperator(stage.serverUrl).get("/metrics").expect(200)).text;
  expect(metrics).toContain('chatops_platform_failing{platform="chatio"} 0');
  expect(metrics).toContain('chatops_licenses_failing{platform="chatio"} 1');
  expect([...metrics.matchAll(/="([^"]*)"/g)].map(([, label]) => label).join()).not.toContain("1520");
});
