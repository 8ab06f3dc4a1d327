import { expect, test } from "vitest";
import { NotAllowed, StoreError } from "../../../src/errors.ts";
import { ANSWER_LOST, errorOf, NO_ANSWER, refusedAs } from "../../support/chatio.ts";
import { createInstalledDesk, createInstallerDesk } from "../../support/chatio-installer.ts";
import { OLD } from "../../support/chatio-tokens.ts";

const full = () => new StoreError("the disk is full");

test("where the code is refused there is nothing to take back", async () => {
  const { client, install, kept } = await createInstallerDesk();
  client.next("exchange", refusedAs("invalid_grant"));

  await expect(install()).rejects.toMatchObject(errorOf(refusedAs("invalid_grant")));

  expect(client.calls).toEqual(["exchange"]);
  expect(await kept()).toBeNull();
});

test("where the license cannot be learned the token is taken back", async () => {
  const { client, install, kept } = await createInstallerDesk();
  client.next("info", NO_ANSWER);

  await expect(install()).rejects.toMatchObject(errorOf(NO_ANSWER));

  expect(client.calls).toEqual(["exchange", "info access-new-1", "revoke access-new-1"]);
  expect(await kept()).toBeNull();
});

test("a license that is not on the list is told so, its token is taken back, and no bot is made", async () => {
  const { client, install, kept } = await createInstallerDesk({ allowedLicenses: ["1519", "1521"] });

  await expect(install()).rejects.toThrow(new NotAllowed("License 1520 may not use this server."));

  expect(client.calls).toEqual(["exchange", "info access-new-1", "revoke access-new-1"]);
  expect(await kept()).toBeNull();
});

test("a license that is on the list may install", async () => {
  const { install } = await createInstallerDesk({ allowedLicenses: ["1520"] });

  expect(await install()).toEqual({ account: "1520" });
});

test("where the bot agent is refused the token is taken back", async () => {
  const { client, install, kept } = await createInstallerDesk();
  client.next("createBotAgent", refusedAs("authorization", 403));

  await expect(install()).rejects.toMatchObject(errorOf(refusedAs("authorization", 403)));

  expect(client.calls.at(-1)).toBe("revoke access-new-1");
  expect(client.calls.filter((call) => call.startsWith("remove_bot_agent"))).toEqual([]);
  expect(await kept()).toBeNull();
});

test("where nobody can tell whether it was made, what was made is removed, and no other server's bot", async () => {
  const { client, install } = await createInstallerDesk();
  client.sandbox.removeBotAgent(1520, client.sandbox.botAgents(1520)[0]?.id ?? "");
  const theirs = await client.install("theirs", "secret-of-theirs", "https://theirs.example/webhook");
  client.next("createBotAgent", ANSWER_LOST);

  await expect(install()).rejects.toMatchObject(errorOf(ANSWER_LOST));

  expect(client.sandbox.botAgents(1520).map(({ id }) => id)).toEqual([theirs.botId]);
});

test("where it cannot be kept the bot agent is removed, and then the token taken back", async () => {
  const { client, install, kept, nextSaves } = await createInstallerDesk();
  nextSaves(full());

  await expect(install()).rejects.toThrow(full());

  expect(client.calls.slice(3)).toEqual(["remove_bot_agent bot-made-1 access-new-1", "revoke access-new-1"]);
  expect(await kept()).toBeNull();
});

test("where installing again fails at the update, the earlier installation works on with its bot", async () => {
  const { client, install, kept } = await createInstalledDesk();
  client.next("updateBotAgent", NO_ANSWER);

  await expect(install()).rejects.toMatchObject(errorOf(NO_ANSWER));

  expect(client.calls.slice(2)).toEqual([
    "update_bot_agent bot-old access-new-1 webhook-secret-old",
    "update_bot_agent bot-old access-old webhook-secret-old",
    "revoke access-new-1",
  ]);
  expect(await kept()).toMatchObject({ botId: "bot-old", credentials: OLD, botIsCurrent: true });
});

test("where installing again cannot be kept, the bot is tied to its earlier token again and not removed", async () => {
  const { client, install, kept, nextSaves } = await createInstalledDesk();
  nextSaves(full());

  await expect(install()).rejects.toThrow(full());

  expect(client.calls.slice(3)).toEqual([
    "update_bot_agent bot-old access-old webhook-secret-old",
    "revoke access-new-1",
  ]);
  expect(await kept()).toMatchObject({ credentials: OLD });
});

test("a bot made anew that cannot be kept is removed; the one that is gone is not updated", async () => {
  const { client, install, kept, nextSaves } = await createInstalledDesk();
  client.next("updateBotAgent", refusedAs("validation"));
  nextSaves(full());

  await expect(install()).rejects.toThrow(full());

  expect(client.calls.slice(3)).toEqual([
    "create_bot_agent access-new-1 webhook-secret-old",
    "remove_bot_agent bot-made-1 access-new-1",
    "revoke access-new-1",
  ]);
  expect(await kept()).toMatchObject({ botId: "bot-old", credentials: OLD });
});

test.each([
  ["not allowed", refusedAs("authorization", 403)],
  ["a refused token", refusedAs("authentication", 401)],
  ["an expired license", refusedAs("license_expired", 402)],
  ["a gateway's 404", { kind: "gateway", status: 404 } as const],
])("%s does not mean that the bot is gone", async (_name, failure) => {
  const { client, install } = await createInstalledDesk();
  client.next("updateBotAgent", failure);

  await expect(install()).rejects.toMatchObject(errorOf(failure));

  expect(client.calls.filter((call) => call.startsWith("create_bot_agent"))).toEqual([]);
});

test("what cannot be taken back is named in the log, the rest is, and the first failure is told", async () => {
  const { client, install, nextSaves, sink } = await createInstallerDesk();
  nextSaves(full());
  client.next("removeBotAgent", NO_ANSWER);

  await expect(install()).rejects.toThrow(full());

  expect(client.calls.at(-1)).toBe("revoke access-new-1");
  expect(sink.messages()).toEqual([
    "The installation failed, and then removing the bot agent failed: chat.io did not answer remove_bot_agent (ECONNRESET).",
  ]);
});

test("after a failed installation the next one works", async () => {
  const { client, install, kept } = await createInstallerDesk();
  client.next("createBotAgent", NO_ANSWER);

  await expect(install()).rejects.toMatchObject(errorOf(NO_ANSWER));
  await install();

  expect(await kept()).toMatchObject({ credentials: { accessToken: "access-new-2" } });
});
