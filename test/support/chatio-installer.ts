import { type ChatioInstallerOptions, createChatioInstaller } from "../../src/platforms/chatio/installer.ts";
import { chatioOptions } from "./chatio.ts";
import { createKeeperDesk } from "./chatio-tokens.ts";

type Settings = Partial<Pick<ChatioInstallerOptions, "allowedLicenses">>;

/** An installer of the Pizza BOT on license 1520, where it is not installed yet. */
export async function createInstallerDesk(settings: Settings = {}) {
  const desk = await createInstalledDesk({}, settings);
  await desk.installations.remove("1520");
  return desk;
}

/** The same where it is installed: as bot-old, with the tokens and the webhook secret "…-old". */
export async function createInstalledDesk(
  overrides: Parameters<typeof createKeeperDesk>[0] = {},
  settings: Settings = {},
) {
  const desk = await createKeeperDesk(overrides);
  const installer = createChatioInstaller({ ...chatioOptions, ...settings, ...desk, log: desk.sink.log });
  return { ...desk, installer, install: () => installer.install(desk.client.code(), null) };
}
