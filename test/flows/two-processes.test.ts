import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { runCliProcess } from "../support/cli.ts";
import { pizzaLines, startTestStage, type TestStage } from "../support/stage.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

/** Longer than a command takes to start. */
const SLOW_MS = 5000;

/** A running server with the bot installed, on a database that the commands find, too. */
async function startInstalled() {
  const path = join(temporaryFolder(), "test.db");
  const stage = await startTestStage({ DATABASE_URL: `file:${path}` });
  await stage.install();
  const installations = openTestStore(path, "demo-client-secret").installations.of("chatio");
  const kept = () => installations.find(String(LICENSE));
  return { stage, kept, renewals: () => renewalsAt(stage) };
}

/** Refreshes that went well, and such that were refused: each doctor tries one token that does not exist. */
function renewalsAt({ chatio }: TestStage) {
  const ends = chatio.calls.filter(({ name }) => name === "refresh").map(({ status }) => status);
  return {
    done: ends.filter((status) => status === 200).length,
    refused: ends.filter((status) => status === 400).length,
  };
}

/** A job of the server's has found that its token has expired, and chat.io takes its time to renew it. */
async function serverRenews(stage: TestStage): Promise<string> {
  const { chatId } = await stage.chatio.startChat(LICENSE, "hello");
  stage.chatio.faults.inject({ kind: "status-503", endpoint: "join_chat", times: 1 });
  stage.chatio.faults.inject({ kind: "slow", endpoint: "refresh", times: 1, delayMs: SLOW_MS });
  await stage.chatio.customerWrites(chatId, "pizza");
  stage.chatio.expireAccessTokens(LICENSE);
  await vi.waitFor(() => expect(stage.chatio.calls.map(({ name }) => name)).toContain("refresh"), 5000);
  return chatId;
}

test("doctor beside a server that is renewing: one renewal, and the installation works on", async () => {
  const { stage, kept, renewals } = await startInstalled();
  const chatId = await serverRenews(stage);

  const { out } = await runCliProcess("doctor", ["--fix"], stage.settings);

  expect(out).toContain(`ok       license ${LICENSE}   the token works`);
  await vi.waitFor(() => expect(pizzaLines(stage, chatId)).toHaveLength(1), 10_000);
  expect(renewals()).toEqual({ done: 1, refused: 1 });
  expect(await kept()).toMatchObject({ needsReinstall: false, botIsCurrent: true });
  expect(stage.chatio.botAgents(LICENSE)).toMatchObject([{ loggedIn: true }]);
}, 30_000);

test("several commands that all find the token expired renew it once", async () => {
  const { stage, kept, renewals } = await startInstalled();
  stage.chatio.faults.inject({ kind: "slow", endpoint: "refresh", delayMs: 1000 });
  stage.chatio.expireAccessTokens(LICENSE);

  const ends = await Promise.all([1, 2, 3].map(() => runCliProcess("doctor", [], stage.settings)));

  for (const { out } of ends) expect(out).toContain(`ok       license ${LICENSE}   the token works`);
  expect(renewals()).toEqual({ done: 1, refused: 3 });
  expect(await kept()).toMatchObject({ needsReinstall: false });
}, 30_000);

test("a license that is removed while the server renews it stays removed, bot and tokens, too", async () => {
  const { stage, kept } = await startInstalled();
  await serverRenews(stage);

  const { code, out } = await runCliProcess("installs", ["remove", String(LICENSE)], stage.settings);

  expect({ code, out }).toEqual({
    code: 0,
    out: "bot agent  removed\ntoken      revoked\naccount    deleted: 1520\n",
  });
  // The job has ended, so nothing of the renewal is still to come.
  await vi.waitFor(() => expect(stage.sink.text()).toMatch(/Job (done|dead)/), 10_000);
  expect(await kept()).toBeNull();
  expect(stage.chatio.botAgents(LICENSE)).toEqual([]);
}, 30_000);
