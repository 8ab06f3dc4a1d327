import { expect, test } from "vitest";
import { noAnswer, refusedAs } from "../../support/chatio.ts";
import { createKeeperDesk, OLD } from "../../support/chatio-tokens.ts";

const UPDATED = "update_bot_agent bot-1 access-new-1 webhook-secret-old";

test("a call is made as the license's bot, with its token", async () => {
  const { tokens } = await createKeeperDesk();

  expect(await tokens.use("1520", async (bot) => bot)).toEqual({
    account: "1520",
    accessToken: "access-old",
    botId: "bot-1",
  });
});

test("a call that goes well renews nothing", async () => {
  const { client, join } = await createKeeperDesk();

  await join();

  expect(client.calls).toEqual(["join_chat chat-1 access-old"]);
});

test("a refused token is renewed, the bot agent is updated with the new one, and the call is made again", async () => {
  const { client, join } = await createKeeperDesk();
  client.expire("access-old");

  await join();

  expect(client.calls).toEqual([
    "join_chat chat-1 access-old",
    "refresh refresh-old",
    UPDATED,
    "join_chat chat-1 access-new-1",
  ]);
});

test("a 401 without a type means a refused token, too", async () => {
  const { client, join } = await createKeeperDesk();
  client.next("joinChat", Object.assign(refusedAs("x", 401), { type: null }));

  await join();

  expect(client.calls).toContain("refresh refresh-old");
});

test.each([
  ["what is not allowed", refusedAs("authorization", 401)],
  ["what is not valid", refusedAs("validation")],
  ["an outage", noAnswer()],
])("%s renews nothing", async (_name, failure) => {
  const { client, join } = await createKeeperDesk();
  client.next("joinChat", failure);

  await expect(join()).rejects.toBe(failure);

  expect(client.calls).toEqual(["join_chat chat-1 access-old"]);
});

test("however many jobs meet the refused token, it is renewed once", async () => {
  const { client, join } = await createKeeperDesk();
  client.expire("access-old");

  await Promise.all(Array.from({ length: 20 }, () => join()));

  const renewals = client.calls.filter((call) => !call.startsWith("join_chat"));
  expect(renewals).toEqual(["refresh refresh-old", UPDATED]);
  expect(client.calls.filter((call) => call === "join_chat chat-1 access-new-1")).toHaveLength(20);
});

test("a token that is refused again right after its renewal is not renewed in a circle", async () => {
  const { client, join } = await createKeeperDesk();
  client.expire("access-old");
  client.expire("access-new-1");

  await expect(join()).rejects.toMatchObject({ type: "authentication", retryable: false });

  expect(client.calls.filter((call) => call.startsWith("refresh"))).toEqual(["refresh refresh-old"]);
});

test("the new tokens are kept with their lifetime, the refresh token, too; the webhook secret stays", async () => {
  const { kept, tokens } = await createKeeperDesk({ obtainedAt: 1, expiresAt: 2 });
  const before = Date.now();

  await tokens.renew("1520", "access-old");

  const installation = await kept();
  expect(installation).toMatchObject({
    botId: "bot-1",
    credentials: {
      accessToken: "access-new-1",
      refreshToken: "refresh-new-1",
      webhookSecret: "webhook-secret-old",
    },
    botIsCurrent: true,
    needsReinstall: false,
  });
  expect(installation?.obtainedAt).toBeGreaterThanOrEqual(before);
  expect(installation?.expiresAt).toBe((installation?.obtainedAt ?? 0) + 3_600_000);
});

test("the next renewal uses the refresh token of the last one", async () => {
  const { client, tokens } = await createKeeperDesk();

  await tokens.renew("1520", "access-old");
  await tokens.renew("1520", "access-new-1");

  expect(client.calls.filter((call) => call.startsWith("refresh"))).toEqual([
    "refresh refresh-old",
    "refresh refresh-new-1",
  ]);
});

test("who comes with a token that was renewed meanwhile is given the new one", async () => {
  const { client, tokens } = await createKeeperDesk();
  await tokens.renew("1520", "access-old");

  const { credentials } = await tokens.renew("1520", "access-old");

  expect(credentials.accessToken).toBe("access-new-1");
  expect(client.calls.filter((call) => call.startsWith("refresh"))).toHaveLength(1);
});

test("the new tokens are kept before the bot agent is updated with them", async () => {
  const { client, kept, tokens } = await createKeeperDesk();
  client.next("updateBotAgent", noAnswer());

  await tokens.renew("1520", "access-old");

  expect(await kept()).toMatchObject({ credentials: { accessToken: "access-new-1" }, botIsCurrent: false });
});

test("that the bot agent could not be updated costs no job, and is said", async () => {
  const { client, join, sink } = await createKeeperDesk();
  client.expire("access-old");
  client.next("updateBotAgent", noAnswer());

  await join();

  expect(client.calls.at(-1)).toBe("join_chat chat-1 access-new-1");
  expect(sink.messages()).toContain(
    "The bot agent could not be updated yet: chat.io did not answer (ECONNRESET).",
  );
});

test("a bot agent that is not tied to the current token is, and then no more", async () => {
  const { client, kept, tokens } = await createKeeperDesk({ botIsCurrent: false });

  await tokens.updateBot("1520");
  await tokens.updateBot("1520");

  expect(client.calls).toEqual(["update_bot_agent bot-1 access-old webhook-secret-old"]);
  expect(await kept()).toMatchObject({ botIsCurrent: true, credentials: OLD });
});

test("no token is in the log", async () => {
  const { client, join, sink } = await createKeeperDesk();
  client.expire("access-old");

  await join();

  expect(sink.messages()).toContain("The tokens were renewed.");
  expect(sink.text()).not.toMatch(/access-|refresh-|webhook-secret/);
});
