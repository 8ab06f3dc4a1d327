import { z } from "zod";
import { createInstallationKind, type ReadableInstallation } from "../keyword-bot/installation.ts";
import type { TokenCalls } from "../keyword-bot/tokens.ts";
import type { Bot, ChatioClient } from "./client.ts";
import { CHATIO } from "./description.ts";
import { isBotGone, isRefreshRefused } from "./refusals.ts";

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

/** Where a bot agent sends its webhooks; null: nowhere. */
type BotWebhooks = string | null;

/** The calls that keep tokens and bot agents valid. `webhookUrl`: where the client tells bot agents to send their webhooks. */
export function createChatioTokenCalls(
  client: ChatioClient,
  webhookUrl: string,
): TokenCalls<ChatioCredentials, Bot, BotWebhooks> {
  return {
    refresh: client.refresh,
    revoke: client.revoke,
    /** Ties the bot agent to the current access token; it is logged out when the one that it is tied to expires. */
    async updateBot(installation) {
      await client.updateBotAgent(botOf(installation), installation.credentials.webhookSecret);
      return { ...installation, webhookUrl };
    },
    botOf,
    lookAtBot: client.getBotAgentWebhookUrl,
    isRefreshRefused,
    isBotGone,
  };
}
