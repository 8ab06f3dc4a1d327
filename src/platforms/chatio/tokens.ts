import type { Log } from "../../log.ts";
import type { Installations } from "../../store/store.ts";
import type { OneAtATime } from "../keyword-bot/account-lock.ts";
import { createTokenKeeper, type TokenCalls, type TokenKeeper } from "../keyword-bot/tokens.ts";
import type { Bot, ChatioClient } from "./client.ts";
import { botOf, type ChatioCredentials, LICENSES } from "./installation.ts";
import { isBotGone, isInvalidGrant, isTokenRefused } from "./refusals.ts";

/** Where the bot agent sends its webhooks; null: nowhere. */
type BotWebhooks = string | null;

export type ChatioTokensOptions = {
  client: ChatioClient;
  installations: Installations;
  /** By license; shared with the installer. */
  oneAtATime: OneAtATime;
  /** Where the client tells bot agents to send their webhooks. */
  webhookUrl: string;
  log: Log;
};

export type ChatioTokens = TokenKeeper<ChatioCredentials, Bot, BotWebhooks>;

/** Keeps the tokens of all licenses valid. Throws only PlatformError and StoreError. */
export function createChatioTokens(options: ChatioTokensOptions): ChatioTokens {
  return createTokenKeeper({ ...options, kind: LICENSES, calls: callsOf(options) });
}

function callsOf({
  client,
  webhookUrl,
}: Pick<ChatioTokensOptions, "client" | "webhookUrl">): TokenCalls<ChatioCredentials, Bot, BotWebhooks> {
  return {
    refresh: (account, refreshToken) => client.refresh(account, refreshToken),
    revoke: (accessToken) => client.revoke(accessToken),
    /** Ties the bot agent to the current access token; it is logged out when the one that it is tied to expires. */
    async updateBot(installation) {
      await client.updateBotAgent(botOf(installation), installation.credentials.webhookSecret);
      return { ...installation, webhookUrl };
    },
    botOf,
    lookAtBot: (bot) => client.getBotAgentWebhookUrl(bot),
    isTokenRefused,
    isRefreshRefused: isInvalidGrant,
    isBotGone,
  };
}
