import { expect, test } from "vitest";
import { LICENSE, setStage } from "../../src/demo/stage.ts";
import { runCli } from "../support/cli.ts";
import { passTime, timePassesUntil } from "../support/clock.ts";
import { pizzaLines, startStoppedStage } from "../support/stage.ts";

test("tokens are renewed before they expire, without any traffic, and the bot stays logged in", async () => {
  const stage = await startStoppedStage({}, { chatio: { tokenLifetimeS: 3600 } });
  await stage.install();
  const names = () =>
    stage.chatio.calls.map(({ name }) => name).filter((name) => /^(refresh|update)/.test(name));
  for (const count of [1, 2]) {
    await passTime(3600 * 1000 * 0.8, 15_000);
    expect(stage.chatio.botAgents(LICENSE)).toMatchObject([{ loggedIn: true }]);
    const renewal = ["refresh", "update_bot_agent"];
    await timePassesUntil(() => expect(names()).toEqual(Array(count).fill(renewal).flat()));
  }
  await passTime(3600 * 1000 * 0.3, 15_000);
  expect(stage.chatio.botAgents(LICENSE)).toMatchObject([{ loggedIn: true }]);
  expect(stage.sink.text()).not.toContain("could not");
});

test("64 chats of a license whose tokens cannot be renewed hold up the others for one time-out, not for 64", async () => {
  const timeoutMs = 1000;
  const stage = await startStoppedStage({}, { timeoutMs });
  await stage.install();
  const room = stage.webex.addRoom({ title: "Accounts", members: ["ana@example.com"] });
  const chats = await Promise.all(Array.from({ length: 64 }, () => stage.chatio.startChat(LICENSE, "hello")));
  stage.chatio.faults.inject({ kind: "hang", endpoint: "join_chat", times: 64 });
  stage.chatio.faults.inject({ kind: "hang", endpoint: "refresh", forMs: 15_000 });
  await Promise.all(chats.map(({ chatId }) => stage.chatio.customerWrites(chatId, "pizza")));
  stage.chatio.expireAccessTokens(LICENSE);
  const calls = (name: string) => stage.chatio.calls.filter((call) => call.name === name).length;
  await timePassesUntil(() => expect(calls("refresh")).toBeGreaterThan(0));

  const askedAt = performance.now();
  await stage.webex.says("ana@example.com", room.id, "@globobot acct100");
  await timePassesUntil(() => expect(stage.webex.messages(room.id)).toHaveLength(2));

  expect(performance.now() - askedAt).toBeLessThan(5 * timeoutMs);
  // At most one refresh for each time-out and the pause after it.
  expect(calls("refresh")).toBeLessThanOrEqual(4);
});

test("an installation that chat.io does not renew any more is shown, and works again after a reinstall", async () => {
  const stage = await startStoppedStage();
  await stage.install();
  const { chatId } = await stage.chatio.startChat(LICENSE, "hello");
  // The bot is logged in still, so that it gets the message; renewing is refused for good.
  stage.chatio.faults.inject({ kind: "status-503", endpoint: "join_chat", times: 1 });
  await stage.chatio.customerWrites(chatId, "pizza");
  stage.chatio.revokeAll(LICENSE);
  await timePassesUntil(() =>
    expect(stage.sink.text()).toContain("Job dead: License 1520 needs a reinstall"),
  );
  expect(
    stage.sink.messages().filter((line) => line.startsWith("License 1520 needs a reinstall")),
  ).toHaveLength(1);
  expect((await fetch(`${stage.serverUrl}/readyz`)).status).toBe(200);
  expect(await (await fetch(stage.serverUrl)).text()).toContain("One installation needs a reinstall.");

  await stage.install();
  expect(await (await fetch(stage.serverUrl)).text()).not.toContain("needs a reinstall");
  const again = await stage.chatio.startChat(LICENSE, "pizza");
  await timePassesUntil(() => expect(pizzaLines(stage, again.chatId)).toHaveLength(1));
});

test("what died of revoked tokens is done by one retry after the reinstall", async () => {
  const stage = await startStoppedStage();
  await stage.install();
  const { chatId } = await stage.chatio.startChat(LICENSE, "hello");
  stage.chatio.faults.inject({ kind: "status-503" });
  await stage.chatio.customerWrites(chatId, "pizza");
  await timePassesUntil(() => expect(stage.chatio.faults.injected()).toBeGreaterThanOrEqual(2));
  stage.chatio.revokeAll(LICENSE);
  stage.chatio.faults.clear();
  await timePassesUntil(() => expect(stage.sink.text()).toContain("Job dead"));
  await stage.install();

  const { out } = await runCli("inbox", ["retry", "--all-dead"], stage.settings);

  expect(out).toBe("1 put back.\n");
  await timePassesUntil(() => expect(pizzaLines(stage, chatId)).toHaveLength(1));
  expect(stage.sink.text().match(/Job dead/g)).toHaveLength(1);
});

test("the stage closes itself when the server cannot start", async () => {
  await expect(setStage({ settings: { PORT: "not a port" } })).rejects.toThrow("PORT must be a whole number");
});
