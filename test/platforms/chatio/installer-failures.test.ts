import { expect, test } from "vitest";
import { NotAllowed, StoreError } from "../../../src/errors.ts";
import { ANSWER_LOST, type End, errorOf, NO_ANSWER, refusedAs } from "../../support/chatio.ts";
import { createInstalledDesk, createInstallerDesk } from "../../support/chatio-installer.ts";
import { OLD } from "../../support/chatio-tokens.ts";

const full = () => new StoreError("the disk is full");
const GONE = refusedAs("validation");
const REMOVED = "remove_bot_agent bot-made-1 access-new-1";
const RESTORED = "update_bot_agent bot-old access-old webhook-secret-old";
const REVOKED = "revoke access-new-1";

/** The call that fails, how, and the calls that follow. */
type Row = [
  what: string,
  call: "exchange" | "info" | "createBotAgent" | "updateBotAgent",
  end: End,
  after: string[],
];

test.each<Row>([
  ["the code is refused", "exchange", refusedAs("invalid_grant"), []],
  ["the license cannot be read", "info", NO_ANSWER, [REVOKED]],
  ["the bot agent is refused", "createBotAgent", refusedAs("authorization", 403), [REVOKED]],
])("if %s, what was done is undone", async (_what, call, end, after) => {
  const { client, install, kept } = await createInstallerDesk();
  client.next(call, end);

  await expect(install()).rejects.toMatchObject(errorOf(end));

  expect(client.calls.slice(["exchange", "info", "createBotAgent"].indexOf(call) + 1)).toEqual(after);
  expect(await kept()).toBeNull();
});

test.each<Row>([
  ["is not answered", "updateBotAgent", NO_ANSWER, [RESTORED, REVOKED]],
  ["is not allowed", "updateBotAgent", refusedAs("authorization", 403), [REVOKED]],
  ["has a refused token", "updateBotAgent", refusedAs("authentication", 401), [REVOKED]],
  ["is of an expired license", "updateBotAgent", refusedAs("license_expired", 402), [REVOKED]],
  ["meets a gateway's 404", "updateBotAgent", { kind: "gateway", status: 404 }, [RESTORED, REVOKED]],
])(
  "if the update of an installed bot %s, the earlier installation goes on working",
  async (_what, call, end, after) => {
    const { client, install, kept } = await createInstalledDesk();
    client.next(call, end);

    await expect(install()).rejects.toMatchObject(errorOf(end));

    expect(client.calls.slice(3)).toEqual(after);
    expect(await kept()).toMatchObject({ botId: "bot-old", credentials: OLD, botIsCurrent: true });
  },
);

test("if a first installation cannot be saved, the bot agent is removed, then the token revoked", async () => {
  const { client, install, kept, nextSaves } = await createInstallerDesk();
  nextSaves(full());

  await expect(install()).rejects.toThrow(full());

  expect(client.calls.slice(3)).toEqual([REMOVED, REVOKED]);
  expect(await kept()).toBeNull();
});

test.each([
  ["the bot is updated with its earlier token", null, 3, [RESTORED, REVOKED]],
  ["a bot that took the place of a missing one is removed", GONE, 4, [REMOVED, REVOKED]],
])("if installing again cannot be saved, %s", async (_what, updateEnd, calls, after) => {
  const { client, install, kept, nextSaves } = await createInstalledDesk();
  client.next("updateBotAgent", updateEnd);
  nextSaves(full());

  await expect(install()).rejects.toThrow(full());

  expect(client.calls.slice(calls)).toEqual(after);
  expect(await kept()).toMatchObject({ botId: "bot-old", credentials: OLD });
});

test("a license that may not install is told so; its token is revoked, and no bot is made", async () => {
  const { client, install, kept } = await createInstallerDesk({ allowedLicenses: ["1519", "1521"] });

  await expect(install()).rejects.toThrow(new NotAllowed("License 1520 may not use this server."));

  expect(client.calls).toEqual(["exchange", "info access-new-1", REVOKED]);
  expect(await kept()).toBeNull();
});

test("a license on the list may install", async () => {
  const { install } = await createInstallerDesk({ allowedLicenses: ["1520"] });

  expect(await install()).toEqual({ account: "1520" });
});

test("if it is unknown whether a bot was made, it is removed, but no other server's bot", async () => {
  const { client, install } = await createInstallerDesk();
  client.sandbox.removeBotAgent(1520, client.sandbox.botAgents(1520)[0]?.id ?? "");
  const theirs = await client.install("theirs", "secret-of-theirs", "https://theirs.example/webhook");
  client.next("createBotAgent", ANSWER_LOST);

  await expect(install()).rejects.toMatchObject(errorOf(ANSWER_LOST));

  expect(client.sandbox.botAgents(1520).map(({ id }) => id)).toEqual([theirs.botId]);
});

test("if undoing a step fails, the log says so, the other steps are undone, and the first failure is thrown", async () => {
  const { client, install, nextSaves, sink } = await createInstallerDesk();
  nextSaves(full());
  client.next("removeBotAgent", NO_ANSWER);

  await expect(install()).rejects.toThrow(full());

  expect(client.calls.at(-1)).toBe(REVOKED);
  expect(sink.messages()).toEqual([
    "The installation failed, and then removing the bot agent failed: chat.io did not answer remove_bot_agent (ECONNRESET).",
  ]);
});
