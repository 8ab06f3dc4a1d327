import { join } from "node:path";
import { expect, test } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { runCli } from "../support/cli.ts";
import { passTime, timePassesUntil } from "../support/clock.ts";
import { asOperator, PASSWORD, wordsOf } from "../support/operator.ts";
import { pizzaLines, startInstalledStage, type TestStage } from "../support/stage.ts";
import { temporaryFolder } from "../support/store.ts";

const REMOVED = "License 1520 needs a reinstall: its bot was removed at chat.io. Open /install to do so.";
const REVOKED =
  "License 1520 needs a reinstall: chat.io no longer renews its tokens. Open /install to do so.";
const REINSTALL =
  /^chat\.io: installations that only a reinstall brings back to work: 1\. Open http.*\/install$/;

/** A running server with the bot installed, on a database that commands find, too. */
const startWatched = () =>
  startInstalledStage({
    DATABASE_URL: `file:${join(temporaryFolder(), "test.db")}`,
    ADMIN_PASSWORD: PASSWORD,
  });

const fiveMinutes = () => passTime(300_000, 1000);

async function readyz({ serverUrl }: TestStage): Promise<unknown> {
  return (await asOperator(serverUrl).get("/readyz")).body;
}

/** What an operator sees of it, in all places. */
async function expectShown(stage: TestStage, sentence: string): Promise<void> {
  await timePassesUntil(async () =>
    expect(await readyz(stage)).toMatchObject({
      warnings: expect.arrayContaining([expect.stringMatching(REINSTALL)]),
    }),
  );
  expect(stage.sink.messages().filter((line) => line === sentence)).toHaveLength(1);
  const status = await asOperator(stage.serverUrl).get("/status").expect(200);
  expect(wordsOf(status.text)).toContain(`${LICENSE} needs a reinstall`);
  expect(wordsOf(status.text)).toContain("chat.io does not work");
  const { text } = await asOperator(stage.serverUrl).get("/metrics").expect(200);
  expect(text).toContain('chatops_installations{platform="chatio",state="needs_reinstall"} 1');
  expect((await runCli("installs", ["list"], stage.settings)).out).toContain(sentence);
  const doctor = await runCli("doctor", [], stage.settings);
  expect(doctor.code).toBe(1);
  expect(doctor.out).toContain(`problem  license ${LICENSE}   ${sentence.replace("License 1520 ", "")}`);
}

/** The bot is about to join the chat when something happens to it. */
async function jobMeets(stage: TestStage, what: () => void): Promise<string> {
  const { chatId } = await stage.chatio.startChat(LICENSE, "hello");
  stage.chatio.faults.inject({ kind: "status-503", endpoint: "join_chat", times: 1 });
  await stage.chatio.customerWrites(chatId, "pizza");
  what();
  await timePassesUntil(() => expect(stage.sink.text()).toContain("Job dead"));
  return chatId;
}

async function reinstallAndRetry(stage: TestStage, chatId: string): Promise<void> {
  expect((await stage.install()).status).toBe(200);
  expect((await runCli("inbox", ["retry", "--all-dead"], stage.settings)).code).toBe(0);
  await timePassesUntil(() => expect(pizzaLines(stage, chatId)).toEqual(["Pizza is on the way!"]));
  await timePassesUntil(async () => expect(await readyz(stage)).toMatchObject({ warnings: [] }));
  expect(stage.chatio.botAgents(LICENSE)).toMatchObject([{ loggedIn: true }]);
}

test("a bot agent that somebody removes at chat.io is noticed without traffic, shown, and made anew by a reinstall", async () => {
  const stage = await startWatched();
  const [bot] = stage.chatio.botAgents(LICENSE);
  const chatId = await jobMeets(stage, () => stage.chatio.removeBotAgent(LICENSE, bot?.id ?? ""));
  expect(await readyz(stage)).toMatchObject({ warnings: [expect.stringContaining("dead jobs: 1.")] });

  await fiveMinutes();

  await expectShown(stage, REMOVED);
  const status = await asOperator(stage.serverUrl).get("/status");
  expect(wordsOf(status.text)).toContain("its bot agent was removed at chat.io");
  await reinstallAndRetry(stage, chatId);
});

test("tokens that are revoked at chat.io are noticed without traffic, shown, and replaced by a reinstall", async () => {
  const stage = await startWatched();
  stage.chatio.revokeAll(LICENSE);

  await fiveMinutes();

  await expectShown(stage, REVOKED);
  expect((await stage.install()).status).toBe(200);
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await timePassesUntil(() => expect(pizzaLines(stage, chatId)).toHaveLength(1));
});

test("an access token that is revoked while its refresh token is good is renewed, and the bot is logged in again", async () => {
  const stage = await startWatched();
  stage.chatio.expireAccessTokens(LICENSE);
  expect(stage.chatio.botAgents(LICENSE)).toMatchObject([{ loggedIn: false }]);

  await fiveMinutes();

  await timePassesUntil(() => expect(stage.chatio.botAgents(LICENSE)).toMatchObject([{ loggedIn: true }]));
});
