import { expect, test } from "vitest";
import { createChatioInstaller } from "../../../src/platforms/chatio/installer.ts";
import { createOneAtATime } from "../../../src/platforms/keyword-bot/account-lock.ts";
import { chatioOptions, refusedAs, startChatio } from "../../support/chatio.ts";
import { createInstalledDesk, createInstallerDesk } from "../../support/chatio-installer.ts";
import { OLD } from "../../support/chatio-tokens.ts";
import { anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";

test("the consent link has the app, the redirect URI and the state", async () => {
  const { installer } = await createInstallerDesk();

  const url = new URL(installer.consentUrl("state/with+odd&signs", "verifier-invented"));

  expect(url.origin + url.pathname).toBe("https://accounts.chat.io/");
  expect(Object.fromEntries(url.searchParams)).toEqual({
    response_type: "code",
    client_id: "client-id-invented",
    redirect_uri: "https://bots.example/token",
    state: "state/with+odd&signs",
  });
});

test("a first installation gets tokens, license and bot agent, saves them, and is logged without a secret", async () => {
  const { client, install, kept, sink } = await createInstallerDesk();
  const before = Date.now();

  expect(await install()).toEqual({ account: "1520" });

  const installation = await kept();
  const secret = installation?.credentials?.webhookSecret ?? "";
  expect(client.calls).toEqual(["exchange", "info access-new-1", `create_bot_agent access-new-1 ${secret}`]);
  expect(installation).toMatchObject({
    account: "1520",
    botId: "bot-made-1",
    credentials: { accessToken: "access-new-1", refreshToken: "refresh-new-1" },
    botIsCurrent: true,
    needsReinstall: false,
  });
  expect(installation?.obtainedAt).toBeGreaterThanOrEqual(before);
  expect(installation?.expiresAt).toBe((installation?.obtainedAt ?? 0) + 3_600_000);
  expect(sink.text()).toContain('"account":"1520"');
  expect(sink.messages()).toEqual(["The Pizza BOT is installed."]);
  for (const hidden of [secret, "1/", "-/"]) expect(sink.text()).not.toContain(hidden);
});

test("each installation has its own webhook secret, of at least 128 bits", async () => {
  const desks = await Promise.all([createInstallerDesk(), createInstallerDesk()]);
  const secrets = await Promise.all(
    desks.map(async ({ install, kept }) => {
      await install();
      return (await kept())?.credentials?.webhookSecret ?? "";
    }),
  );

  expect(new Set(secrets).size).toBe(2);
  for (const secret of secrets) expect(Buffer.from(secret, "base64url").length).toBeGreaterThanOrEqual(16);
});

test("installing again renews the tokens, updates the same bot, and removes the mark “needs a reinstall”", async () => {
  const desk = await createInstalledDesk({ needsReinstall: true, botIsCurrent: false });
  const { client, install, installer, kept } = desk;
  expect(await installer.countInstallations()).toMatchObject({ needingReinstall: 1 });

  await install();

  expect(client.calls).toEqual([
    "exchange",
    "info access-new-1",
    "update_bot_agent bot-old access-new-1 webhook-secret-old",
  ]);
  expect(await kept()).toMatchObject({
    botId: "bot-old",
    credentials: { ...OLD, accessToken: "access-new-1", refreshToken: "refresh-new-1" },
    needsReinstall: false,
    botIsCurrent: true,
  });
  expect(await installer.countInstallations()).toMatchObject({ needingReinstall: 0 });
});

test.each([
  ["as invalid", refusedAs("validation")],
  ["as not found", refusedAs("not_found", 404)],
])("a bot that was removed at chat.io, refused %s, is made again", async (_name, gone) => {
  const { client, install, kept } = await createInstalledDesk();
  client.next("updateBotAgent", gone);

  await install();

  expect(client.calls.slice(2)).toEqual([
    "update_bot_agent bot-old access-new-1 webhook-secret-old",
    "create_bot_agent access-new-1 webhook-secret-old",
  ]);
  expect(await kept()).toMatchObject({ botId: "bot-made-1" });
});

test("two installations of one license at once make one bot", async () => {
  const { client, install, kept } = await createInstallerDesk();

  await Promise.all([install(), install()]);

  const { botId, credentials } = (await kept()) ?? {};
  expect(client.calls.filter((call) => call.startsWith("create_bot_agent"))).toHaveLength(1);
  const updates = client.calls.filter((call) => call.startsWith("update_bot_agent"));
  expect(updates).toEqual([
    `update_bot_agent ${botId} ${credentials?.accessToken} ${credentials?.webhookSecret}`,
  ]);
});

test("after an installation during a renewal, the bot is tied to the stored token", async () => {
  const { client, install, kept, renewOld } = await createInstalledDesk();

  await Promise.all([renewOld(), install()]);

  const updates = client.calls.filter((call) => call.startsWith("update_bot_agent"));
  expect(updates.at(-1)).toBe(
    `update_bot_agent bot-old ${(await kept())?.credentials?.accessToken} webhook-secret-old`,
  );
});

test("licenses are installed independently", async () => {
  const { client, install, installations, kept } = await createInstalledDesk();
  client.sandbox.addLicense(1521);
  client.sandbox.signIn(1521);

  expect(await install()).toEqual({ account: "1521" });

  expect(await kept()).toMatchObject({ botId: "bot-old", credentials: OLD });
  expect((await installations.list()).map(({ account }) => account)).toEqual(["1520", "1521"]);
});

test("tokens that a changed client secret made unreadable are replaced, without making a second bot", async () => {
  const client = await startChatio();
  const old = await client.install("old");
  const path = `${temporaryFolder()}/test.db`;
  const earlier = openTestStore(path, "client-secret-earlier");
  await earlier.installations.of("chatio").save(anInstallation(old));
  await earlier.close();
  const installations = openTestStore(path, "client-secret-changed").installations.of("chatio");
  const { log } = createLogSink();
  const oneAtATime = createOneAtATime();
  const installer = createChatioInstaller({ ...chatioOptions, client, installations, oneAtATime, log });
  expect(await installer.countInstallations()).toMatchObject({ needingReinstall: 1 });

  await installer.install(client.code(), null);

  const { botId, credentials } = (await installations.find("1520")) ?? {};
  expect(botId).toBe(old.botId);
  expect(client.nameOf(credentials?.accessToken ?? "")).toBe("access-new-1");
  expect(client.calls.slice(2)).toEqual([
    `update_bot_agent bot-old access-new-1 ${credentials?.webhookSecret}`,
  ]);
});
