import { z } from "zod";
import type { Installation } from "../../store/store.ts";
import { createInstallationKind, type ReadableInstallation } from "../keyword-bot/installation.ts";
import { CLOCK_TOLERANCE_MS } from "../keyword-bot/lifetime.ts";
import type { TokenCalls } from "../keyword-bot/tokens.ts";
import { type BotToken, issueBotToken } from "./bot-token.ts";
import type { Bot, LivechatClient } from "./client.ts";
import { LIVECHAT } from "./description.ts";
import { isBotGone, isRefreshRefused } from "./refusals.ts";

/** A bot token is good for 24 hours. Renewals, each of which looks at it, are at most 12 hours apart. */
const BOT_TOKEN_AGE_MS = 10 * 3_600_000;

const credentials = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  /** The bot acts in chats by it. It cannot be renewed, only issued again. */
  botToken: z.string(),
  /** What bot tokens are issued for. */
  botSecret: z.string(),
});

export type LivechatCredentials = Readonly<z.infer<typeof credentials>>;

export type LivechatInstallation = ReadableInstallation<LivechatCredentials>;

const details = z.object({
  /** Where the organization is kept, if its calls have to name it. */
  region: z.string().nullable().catch(null),
  /** Milliseconds since 1970; 0: not known. */
  botTokenIssuedAt: z.number().catch(0),
  hasExpired: z.boolean().catch(false),
});

export type LivechatDetails = Readonly<z.infer<typeof details>>;

export function detailsOf(installation: Pick<Installation, "details">): LivechatDetails {
  return details.parse(installation.details);
}

/** LiveChat does not tell the one from the other. */
export const REVOKED_OR_SECRET = "They were revoked, or LIVECHAT_CLIENT_SECRET is wrong";

/** Installations in LiveChat's organizations. */
export const ORGANIZATIONS = createInstallationKind<LivechatCredentials>({
  platform: LIVECHAT.name,
  title: LIVECHAT.title,
  bot: LIVECHAT.bot,
  tenant: LIVECHAT.install.tenant,
  startPath: LIVECHAT.install.startPath,
  secretSetting: "LIVECHAT_CLIENT_SECRET",
  credentials,
  whyLost(installation) {
    if (detailsOf(installation).hasExpired) return "its subscription to LiveChat has ended";
    if (installation.botIsGone) return null;
    return `LiveChat no longer renews its tokens. ${REVOKED_OR_SECRET}`;
  },
});

/** The organization's bot, with the tokens that are stored. */
export function botOf(installation: LivechatInstallation): Bot {
  const { account, botId, credentials: kept } = installation;
  const { accessToken, botToken, botSecret } = kept;
  return { account, region: detailsOf(installation).region, accessToken, botId, botToken, botSecret };
}

/** Whether the bot token is to be issued again. One that seems to be from the future has an unknown age. */
function isBotTokenDue(installation: LivechatInstallation, now: number): boolean {
  const age = now - detailsOf(installation).botTokenIssuedAt;
  return age > BOT_TOKEN_AGE_MS || age < -CLOCK_TOLERANCE_MS;
}

/** What a look at the bot finds: the groups of the organization that it is not in. */
export type BotLook = { readonly missingGroups: readonly number[] };

/** The calls that keep tokens and bots valid. */
export function createLivechatTokenCalls(
  client: LivechatClient,
): TokenCalls<LivechatCredentials, Bot, BotLook> {
  return {
    refresh: client.refresh,
    revoke: client.revoke,
    /** The bot is not tied to the access token, but has a token of its own, which each renewal looks at. */
    async updateBot(installation) {
      if (!isBotTokenDue(installation, Date.now())) return installation;
      const bot = botOf(installation);
      return withBotToken(
        installation,
        await issueBotToken(client, (call) => call(bot), bot.botId, bot.botSecret),
      );
    },
    botOf,
    async lookAtBot(bot) {
      const joined = new Set(await client.getBotGroups(bot, bot.botId));
      return { missingGroups: (await client.listGroups(bot)).filter((id) => !joined.has(id)) };
    },
    isRefreshRefused,
    isBotGone,
  };
}

export function withBotToken(
  stored: LivechatInstallation,
  { botToken, botSecret, issuedAt }: BotToken,
): LivechatInstallation {
  const credentials = { ...stored.credentials, botToken, botSecret };
  return withDetails({ ...stored, credentials }, { botTokenIssuedAt: issuedAt });
}

export function withDetails(
  stored: LivechatInstallation,
  details: LivechatInstallation["details"],
): LivechatInstallation {
  return { ...stored, details: { ...stored.details, ...details } };
}
