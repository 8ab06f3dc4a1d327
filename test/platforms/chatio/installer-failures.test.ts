import { expect, test } from "vitest";
import { NotAllowed, StoreError } from "../../../src/errors.ts";
import { ANSWER_LOST, errorOf, NO_ANSWER, refusedAs } from "../../support/chatio.ts";
import { createInstalledDesk, createInstallerDesk } from "../../support/chatio-installer.ts";
import { OLD } from "../../support/chatio-tokens.ts";

const full = () => new StoreError("the disk is full");

test("if the code is refused, there is nothing to undo", async () => {
  const { client, install, kept } = await createInstallerDesk();
  client.next("exchange", refusedAs("invalid_grant"));

  await expect(install()).rejects.toMatchObject(errorOf(refusedAs("invalid_grant")));

  expect(client.calls).toEqual(["exchange"]);
  expect(await kept()).toBeNull();
});

test("if the license cannot be read, the token is revoked", async () => {
  const { client, install, kept } = await createInstallerDesk();
  client.next("info", NO_ANSWER);

  await expect(install()).rejects.toMatchObject(errorOf(NO_ANSWER));

  expect(client.calls).toEqual(["exchange", "info access-new-1", "revoke access-new-1"]);
  expect(await kept()).toBeNull();
});

test("a license that may not install is told so; its token is revoked, and no bot is made", async () => {
  const { client, install, kept } = await createInstallerDesk({ allowedLicenses: ["1519", "1521"] });

  await expect(install()).rejects.toThrow(new NotAllowed("License 1520 may not use this server."));

  expect(client.calls).toEqual(["exchange", "info access-new-1", "revoke access-new-1"]);
  expect(await kept()).toBeNull();
});

test("a license on the list may install", async () => {
  const { install } = await createInstallerDesk({ allowedLicenses: ["1520"] });

  expect(await install()).toEqual({ account: "1520" });
});

test("if the bot agent is refused, the token is revoked", async () => {
  const { client, install, kept } = await createInstallerDesk();
  client.next("createBotAgent", refusedAs("authorization", 403));

  await expect(install()).rejects.toMatchObject(errorOf(refusedAs("authorization", 403)));

  expect(client.calls.at(-1)).toBe("revoke access-new-1");
  expect(client.calls.filter((call) => call.startsWith("remove_bot_agent"))).toEqual([]);
  expect(await kept()).toBeNull();
});

test("if it is unknown whether a bot was made, it is removed, but no other server's bot", async () => {
  const { client, install } = await createInstallerDesk();
  client.sandbox.removeBotAgent(1520, client.sandbox.botAgents(1520)[0]?.id ?? "");
  const theirs = await client.install("theirs", "secret-of-theirs", "https://theirs.example/webhook");
  client.next("createBotAgent", ANSWER_LOST);

  await expect(install()).rejects.toMatchObject(errorOf(ANSWER_LOST));

  expect(client.sandbox.botAgents(1520).map(({ id }) => id)).toEqual([theirs.botId]);
});

test("if the installation cannot be saved, the bot agent is removed, then the token revoked", async () => {
  const { client, install, kept, nextSaves } = await createInstallerDesk();
  nextSaves(full());

  await expect(install()).rejects.toThrow(full());

  expect(client.calls.slice(3)).toEqual(["remove_bot_agent bot-made-1 access-new-1", "revoke access-new-1"]);
  expect(await kept()).toBeNull();
});

test("if installing again fails at the update, the earlier installation goes on working", async () => {
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

test("if installing again cannot be saved, the bot is updated with its earlier token and not removed", async () => {
  const { client, install, kept, nextSaves } = await createInstalledDesk();
  nextSaves(full());

  await expect(install()).rejects.toThrow(full());

  expect(client.calls.slice(3)).toEqual([
    "update_bot_agent bot-old access-old webhook-secret-old",
    "revoke access-new-1",
  ]);
  expect(await kept()).toMatchObject({ credentials: OLD });
});

test("if a replaced bot cannot be saved, the new one is removed, and the missing one is not updated", async () => {
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

test("if undoing a step fails, the log says so, the other steps are undone, and the first failure is thrown", async () => {
  const { client, install, nextSaves, sink } = await createInstallerDesk();
  nextSaves(full());
  client.next("removeBotAgent", NO_ANSWER);

  await expect(install()).rejects.toThrow(full());

  expect(client.calls.at(-1)).toBe("revoke access-new-1");
  expect(sink.messages()).toEqual([
    "The installation failed, and then removing the bot agent failed: chat.io did not answer remove_bot_agent (ECONNRESET).",
  ]);
});

test("after a failed installation, the next one works", async () => {
  const { client, install, kept } = await createInstallerDesk();
  client.next("createBotAgent", NO_ANSWER);

  await expect(install()).rejects.toMatchObject(errorOf(NO_ANSWER));
  await install();

  expect(await kept()).toMatchObject({ credentials: { accessToken: "access-new-2" } });
});
