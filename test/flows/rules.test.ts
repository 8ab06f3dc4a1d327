import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { LICENSE } from "../../src/demo/stage.ts";
import { ConfigError } from "../../src/errors.ts";
import { startServer } from "../../src/server.ts";
import { createLogSink } from "../support/log.ts";
import { isBotIn, startTestStage, type TestStage } from "../support/stage.ts";
import { temporaryFolder } from "../support/store.ts";

const RULES = [
  { words: ["refund", "money back"], reply: "Refunds: macro 12." },
  { words: ["open", "opening hours"], reply: "We are open until ten.", to: "everyone" },
  { words: ["late"], reply: "Sorry! We are looking for it.", to: "everyone" },
];

async function startWithRules(rules: unknown): Promise<{ stage: TestStage; path: string }> {
  const path = join(temporaryFolder(), "reactions.json");
  writeFileSync(path, JSON.stringify(rules));
  const stage = await startTestStage({ REACTIONS_FILE: path });
  expect((await stage.install()).status).toBe(200);
  stage.chatio.calls.length = 0;
  return { stage, path };
}

/** Begins a chat with the text, and tells what the bot said and to whom, once it has left. */
async function repliesTo(stage: TestStage, text: string): Promise<string[]> {
  const { chatId } = await stage.chatio.startChat(LICENSE, text);
  await vi.waitFor(() => {
    expect(stage.chatio.transcript(chatId).map((line) => line.text)).toContain("Pizza BOT left the chat");
  });
  await stage.chatio.settled();
  expect(isBotIn(stage, chatId)).toBe(false);
  return stage.chatio
    .transcript(chatId)
    .filter(({ author }) => author === "Pizza BOT")
    .map((line) => `${line.recipients}: ${line.text}`);
}

test("a message that meets two rules gets both replies in one stay, one to the agents and one to everyone", async () => {
  const { stage } = await startWithRules(RULES);

  expect(await repliesTo(stage, "Are you OPEN? I want my money  back.")).toEqual([
    "agents: Refunds: macro 12.",
    "all: We are open until ten.",
  ]);

  expect(stage.chatio.calls.map(({ name }) => name)).toEqual([
    "join_chat",
    "send_event",
    "send_event",
    "remove_from_chat",
  ]);
});

test("what the bot says to everyone meets no rule, though it has the word", async () => {
  const { stage } = await startWithRules(RULES);

  expect(await repliesTo(stage, "open?")).toEqual(["all: We are open until ten."]);

  expect(stage.chatio.calls).toHaveLength(3);
});

test("rules that change apply to the next message, without a restart; without rules pizza is no word, either", async () => {
  const { stage, path } = await startWithRules([]);
  await stage.chatio.startChat(LICENSE, "pizza");
  await stage.chatio.settled();
  expect(stage.chatio.calls).toEqual([]);

  writeFileSync(path, JSON.stringify([{ words: ["salad"], reply: "Salad is on the way!" }]));
  await vi.waitFor(() =>
    expect(stage.sink.messages()).toContain("The reactions file has changed; it was read again."),
  );

  expect(await repliesTo(stage, "a salad")).toEqual(["agents: Salad is on the way!"]);
});

test("no message, word or reply is in the log", async () => {
  const { stage } = await startWithRules(RULES);

  await repliesTo(stage, "late, late! I want a refund");

  expect(stage.sink.text()).not.toMatch(/late|refund|macro|sorry/i);
});

test("a broken file is an error at the start", async () => {
  const path = join(temporaryFolder(), "reactions.json");
  writeFileSync(path, "[");
  const folder = temporaryFolder();
  const settings = { PORT: "0", REACTIONS_FILE: path, DATABASE_URL: `file:${join(folder, "test.db")}` };

  const started = startServer(readConfig(settings), { log: createLogSink().log });

  await expect(started).rejects.toThrow(ConfigError);
  await expect(started).rejects.toThrow("cannot be used: line 1:");
});
