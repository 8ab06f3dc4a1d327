import { z } from "zod";
import { createInstallationKind, type ReadableInstallation } from "../keyword-bot/installation.ts";
import type { Bot } from "./client.ts";
import { CHATIO } from "./description.ts";

const credentials = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  /** What chat.io puts into each delivery to prove where it comes from. */
  webhookSecret: z.string(),
});

export type ChatioCredentials = Readonly<z.infer<typeof credentials>>;

export type ChatioInstallation = ReadableInstallation<ChatioCredentials>;

/** Installations on chat.io's licenses. */
export const LICENSES = createInstallationKind<ChatioCredentials>({
  platform: CHATIO.name,
  title: CHATIO.title,
  bot: CHATIO.bot,
  tenant: CHATIO.install.tenant,
  startPath: CHATIO.install.startPath,
  secretSetting: "CHATIO_CLIENT_SECRET",
  credentials,
});

/** The license's bot agent, with the access token that is stored. */
export function botOf({ account, botId, credentials: { accessToken } }: ChatioInstallation): Bot {
  return { account, accessToken, botId };
}
