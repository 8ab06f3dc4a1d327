import { expect, test } from "vitest";
import { NotAllowed, StoreError } from "../../../src/errors.ts";
import { noAnswer, refusedAs } from "../../support/chatio.ts";
import { createInstalledDesk, createInstallerDesk } from "../../support/chatio-installer.ts";
import { OLD } from "../../support/chatio-tokens.ts";

const full = () => new StoreError("the disk is full");

test("where the code is refused there is nothing to take back", async () => {
  const { client, installer, kept } = await createInstallerDesk();
  client.next("exchange", refusedAs("invalid_grant"));

  await expect(installer.install("code-1")).rejects.toThrow(refusedAs("invalid_grant"));

  expect(client.calls).toEqual(["exchange code-1"]);
  expect(await kept()).toBeNull();
});

test("where the license cannot be learned the token is taken back", async () => {
  const { client, installer, kept } = await createInstallerDesk();
  client.next("info", noAnswer());

  await expect(installer.install("code-1")).rejects.toThrow(noAnswer());

  expect(client.calls).toEqual(["exchange code-1", "info access-new-1", "revoke access-new-1"]);
  expect(await kept()).toBeNull();
});

test("a license that is not on the list is told so, its token is taken back, and no bot is made", async () => {
  const { client, installer, kept } = await createInstallerDesk({ allowedLicenses: ["1519", "1521"] });

  await expect(installer.install("code-1")).rejects.toThrow(
    new NotAllowed("License 1520 may not use this server."),
  );

  expect(client.calls).toEqual(["exchange code-1", "info access-new-1", "revoke access-new-1"]);
  expect(await kept()).toBeNull();
});

test("a license that is on the list may install", async () => {
  const { installer } = await createInstallerDesk({ allowedLicenses: ["1520"] });

  expect(await installer.install("code-1")).toEqual({ account: "1520" });
});

test("where the bot agent is refused the token is taken back", async () => {
  const { client, installer, kept } = await createInstallerDesk();
  client.next("createBotAgent", refusedAs("authorization", 403));

  await expect(installer.install("code-1")).rejects.toThrow(refusedAs("authorization", 403));

  expect(client.calls.at(-1)).toBe("revoke access-new-1");
  expect(client.calls.filter((call) => call.startsWith("remove_bot_agent"))).toEqual([]);
  expect(await kept()).toBeNull();
});

test("where it cannot be kept the bot agent is removed, and then the token taken back", async () => {
  const { client, installer, kept, nextSaves } = await createInstallerDesk();
  nextSaves(full());

  await expect(installer.install("code-1")).rejects.toThrow(full());

  expect(client.calls.slice(3)).toEqual(["remove_bot_agent bot-made-1 access-new-1", "revoke access-new-1"]);
  expect(await kept()).toBeNull();
});

test("where installing again fails at the update, the earlier installation works on with its bot", async () => {
  const { client, installer, kept } = await createInstalledDesk();
  client.next("updateBotAgent", noAnswer());

  await expect(installer.install("code-2")).rejects.toThrow(noAnswer());

  expect(client.calls.slice(2)).toEqual([
    "update_bot_agent bot-1 access-new-1 webhook-secret-old",
    "update_bot_agent bot-1 access-old webhook-secret-old",
    "revoke access-new-1",
  ]);
  expect(await kept()).toMatchObject({ botId: "bot-1", credentials: OLD, botIsCurrent: true });
});

test("where installing again cannot be kept, the bot is tied to its earlier token again and not removed", async () => {
  const { client, installer, kept, nextSaves } = await createInstalledDesk();
  nextSaves(full());

  await expect(installer.install("code-2")).rejects.toThrow(full());

  expect(client.calls.slice(3)).toEqual([
    "update_bot_agent bot-1 access-old webhook-secret-old",
    "revoke access-new-1",
  ]);
  expect(await kept()).toMatchObject({ credentials: OLD });
});

test("a bot made anew that cannot be kept is removed; the one that is gone is not updated", async () => {
  const { client, installer, kept, nextSaves } = await createInstalledDesk();
  client.next("updateBotAgent", refusedAs("validation"));
  nextSaves(full());

  await expect(installer.install("code-2")).rejects.toThrow(full());

  expect(client.calls.slice(3)).toEqual([
    "create_bot_agent access-new-1 webhook-secret-old",
    "remove_bot_agent bot-made-1 access-new-1",
    "revoke access-new-1",
  ]);
  expect(await kept()).toMatchObject({ botId: "bot-1", credentials: OLD });
});

test.each([
  ["not allowed", refusedAs("authorization", 403)],
  ["a refused token", refusedAs("authentication", 401)],
  ["an expired license", refusedAs("license_expired", 402)],
  ["a gateway's 404", Object.assign(refusedAs("x", 404), { type: null })],
])("%s does not mean that the bot is gone", async (_name, failure) => {
  const { client, installer } = await createInstalledDesk();
  client.next("updateBotAgent", failure);

  await expect(installer.install("code-2")).rejects.toBe(failure);

  expect(client.calls.filter((call) => call.startsWith("create_bot_agent"))).toEqual([]);
});

test("what cannot be taken back is named in the log, the rest is, and the first failure is told", async () => {
  const { client, installer, nextSaves, sink } = await createInstallerDesk();
  nextSaves(full());
  client.next("removeBotAgent", noAnswer());

  await expect(installer.install("code-1")).rejects.toThrow(full());

  expect(client.calls.at(-1)).toBe("revoke access-new-1");
  expect(sink.messages()).toEqual([
    "The installation failed, and then removing the bot agent failed: chat.io did not answer (ECONNRESET).",
  ]);
});

test("after a failed installation the next one works", async () => {
  const { client, installer, kept } = await createInstallerDesk();
  client.next("createBotAgent", noAnswer());

  await expect(installer.install("code-1")).rejects.toThrow(noAnswer());
  await installer.install("code-2");

  expect(await kept()).toMatchObject({ credentials: { accessToken: "access-new-2" } });
});
