import type { Use } from "../keyword-bot/tokens.ts";
import type { Access, LivechatClient } from "./client.ts";
import { isSecretRefused } from "./refusals.ts";

export type BotToken = { readonly botToken: string; readonly botSecret: string; readonly issuedAt: number };

/**
 * Issues a token for the bot. A secret that is not known (null), or refused because it was reset elsewhere, is reset first.
 * Throws PlatformError.
 */
export async function issueBotToken(
  client: Pick<LivechatClient, "issueBotToken" | "resetBotSecret">,
  use: Use<Access>,
  botId: string,
  botSecret: string | null,
): Promise<BotToken> {
  const secret = botSecret ?? (await use((access) => client.resetBotSecret(access, botId)));
  const issuedAt = Date.now();
  try {
    const botToken = await use((access) => client.issueBotToken(access, botId, secret));
    return { botToken, botSecret: secret, issuedAt };
  } catch (error) {
    if (botSecret === null || !isSecretRefused(error)) throw error;
    return issueBotToken(client, use, botId, null);
  }
}
