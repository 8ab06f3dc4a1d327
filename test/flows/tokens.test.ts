import { expect, test } from "vitest";
import { LICENSE, setStage } from "../../src/demo/stage.ts";
import { passTime, timePassesUntil } from "../support/clock.ts";
import { startInstalledStage } from "../support/stage.ts";

/** Short, because the server looks for what is due each second. */
const LIFETIME_S = 600;

test("tokens are renewed before they expire, without any traffic, and the bot stays logged in", async () => {
  const stage = await startInstalledStage({}, { chatio: { tokenLifetimeS: LIFETIME_S } });
  const names = () =>
    stage.chatio.calls.map(({ name }) => name).filter((name) => /^(refresh|update)/.test(name));
  for (const count of [1, 2]) {
    await passTime(LIFETIME_S * 1000 * 0.8, 2500);
    expect(stage.chatio.botAgents(LICENSE)).toMatchObject([{ loggedIn: true }]);
    const renewal = ["refresh", "update_bot_agent"];
    await timePassesUntil(() => expect(names()).toEqual(Array(count).fill(renewal).flat()));
  }
  await passTime(LIFETIME_S * 1000 * 0.3, 2500);
  expect(stage.chatio.botAgents(LICENSE)).toMatchObject([{ loggedIn: true }]);
  expect(stage.sink.text()).not.toContain("could not");
});

test("64 chats of a license whose tokens cannot be renewed hold up the others for one time-out, not for 64", async () => {
  const timeoutMs = 1000;
  const stage = await startInstalledStage({}, { timeoutMs });
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

test("the stage closes itself when the server cannot start", async () => {
  await expect(setStage({ settings: { PORT: "not a port" } })).rejects.toThrow("PORT must be a whole number");
});
