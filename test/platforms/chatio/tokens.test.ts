import { expect, test } from "vitest";
import { errorOf, NO_ANSWER, refusedAs } from "../../support/chatio.ts";
import { createKeeperDesk, OLD } from "../../support/chatio-tokens.ts";

const UPDATED = "update_bot_agent bot-old access-new-1 webhook-secret-old";

test("a call is made as the license's bot, with its token, and renews nothing if it succeeds", async () => {
  const { client, join, tokens } = await createKeeperDesk();

  const { account, accessToken, botId } = await tokens.use("1520", async (bot) => bot);
  await join();

  const used = [account, client.nameOf(accessToken), client.nameOf(botId)];
  expect(used).toEqual(["1520", "access-old", "bot-old"]);
  expect(client.calls).toEqual(["join_chat access-old"]);
});

test("after a refused token is renewed, the bot agent is updated and the call repeated; no token is logged", async () => {
  const { client, join, kept, sink } = await createKeeperDesk({ obtainedAt: 1, expiresAt: 2 });
  client.expire();
  const before = Date.now();

  await join();

  expect(client.calls).toEqual([
    "join_chat access-old",
    "refresh refresh-old",
    UPDATED,
    "join_chat access-new-1",
  ]);
  const installation = await kept();
  expect(installation).toMatchObject({
    botId: "bot-old",
    credentials: { ...OLD, accessToken: "access-new-1", refreshToken: "refresh-new-1" },
    botIsCurrent: true,
    needsReinstall: false,
  });
  expect(installation?.obtainedAt).toBeGreaterThanOrEqual(before);
  expect(installation?.expiresAt).toBe((installation?.obtainedAt ?? 0) + 3_600_000);
  expect(sink.messages()).toContain("The tokens were renewed.");
  expect(sink.text()).not.toMatch(/1\/\w|-\/\w|webhook-secret/);
});

test("a 401 without a type means a refused token, too", async () => {
  const { client, join } = await createKeeperDesk();
  client.next("joinChat", { kind: "gateway", status: 401 });

  await join();

  expect(client.calls).toContain("refresh refresh-old");
});

test.each([
  ["what is not allowed", refusedAs("authorization", 401)],
  ["what is not valid", refusedAs("validation")],
  ["an outage", NO_ANSWER],
])("%s renews nothing", async (_name, failure) => {
  const { client, join } = await createKeeperDesk();
  client.next("joinChat", failure);

  await expect(join()).rejects.toMatchObject(errorOf(failure));

  expect(client.calls).toEqual(["join_chat access-old"]);
});

test("however many jobs meet the refused token, it is renewed once", async () => {
  const { client, join } = await createKeeperDesk();
  client.expire();

  await Promise.all(Array.from({ length: 20 }, () => join()));

  const renewals = client.calls.filter((call) => !call.startsWith("join_chat"));
  expect(renewals).toEqual(["refresh refresh-old", UPDATED]);
  expect(client.calls.filter((call) => call === "join_chat access-new-1")).toHaveLength(20);
});

test("a token that is refused right after its renewal is not renewed again", async () => {
  const { client, join } = await createKeeperDesk();
  client.next("joinChat", refusedAs("authentication", 401), refusedAs("authentication", 401));

  await expect(join()).rejects.toMatchObject({ type: "authentication", retryable: false });

  expect(client.calls.filter((call) => call.startsWith("refresh"))).toEqual(["refresh refresh-old"]);
});

test("the next renewal uses the refresh token of the last one", async () => {
  const { client, renewOld, tokens } = await createKeeperDesk();

  const { accessToken } = (await renewOld()).credentials;
  await tokens.renew("1520", accessToken);

  expect(client.calls.filter((call) => call.startsWith("refresh"))).toEqual([
    "refresh refresh-old",
    "refresh refresh-new-1",
  ]);
});

test("whoever still has an old token gets the new one, without a renewal", async () => {
  const { client, renewOld } = await createKeeperDesk();
  await renewOld();

  const { credentials } = await renewOld();

  expect(client.nameOf(credentials.accessToken)).toBe("access-new-1");
  expect(client.calls.filter((call) => call.startsWith("refresh"))).toHaveLength(1);
});

test("a failed update of the bot agent fails no job, is logged, and loses no new tokens", async () => {
  const { client, join, kept, renewOld, sink } = await createKeeperDesk();
  client.next("updateBotAgent", NO_ANSWER);

  await renewOld();
  expect(await kept()).toMatchObject({ credentials: { accessToken: "access-new-1" }, botIsCurrent: false });
  expect(sink.messages()).toContain(
    "The bot could not be updated yet: chat.io did not answer update_bot_agent (ECONNRESET).",
  );

  await join();
  expect(client.calls.at(-1)).toBe("join_chat access-new-1");
});

test("a bot agent that is not up to date is updated once", async () => {
  const { client, kept, tokens } = await createKeeperDesk({ botIsCurrent: false });

  await tokens.updateBot("1520");
  await tokens.updateBot("1520");

  expect(client.calls).toEqual(["update_bot_agent bot-old access-old webhook-secret-old"]);
  expect(await kept()).toMatchObject({ botIsCurrent: true, credentials: OLD });
});
