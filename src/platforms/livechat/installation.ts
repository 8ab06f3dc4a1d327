import { z } from "zod";
import type { Installation } from "../../store/store.ts";
import { createInstallationKind, type ReadableInstallation } from "../keyword-bot/installation.ts";
import { CLOCK_TOLERANCE_MS } from "../keyword-bot/lifetime.ts";
import type { Bot } from "./client.ts";
import { LIVECHAT } from "./description.ts";

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
    return "LiveChat no longer renews its tokens. They were revoked, or LIVECHAT_CLIENT_SECRET is wrong";
  },
});

/** The organization's bot, with the tokens that are stored. */
export function botOf(installation: LivechatInstallation): Bot {
  const { account, botId, credentials: kept } = installation;
  const { accessToken, botToken, botSecret } = kept;
  return { account, region: detailsOf(installation).region, accessToken, botId, botToken, botSecret };
}

/** Whether the bot token is to be issued again. One that seems to be from the future has an unknown age. */
export function isBotTokenDue(installation: LivechatInstallation, now: number): boolean {
  const age = now - detailsOf(installation).botTokenIssuedAt;
  return age > BOT_TOKEN_AGE_MS || age < -CLOCK_TOLERANCE_MS;
}
