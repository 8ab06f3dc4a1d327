import { z } from "zod";

/** well: answers. hangs: never answers. down: answers 503. */
export const behaviour = z.enum(["well", "hangs", "down"]);
export type Behaviour = z.infer<typeof behaviour>;

/** A license on which the bot is installed, as a server keeps it. */
export const installed = z.object({
  account: z.string(),
  botId: z.string(),
  accessToken: z.string(),
  refreshToken: z.string(),
  webhookSecret: z.string(),
});
export type Installed = z.infer<typeof installed>;

/** An organization of LiveChat, the same. */
export const installedOrganization = z.object({
  account: z.string(),
  botId: z.string(),
  accessToken: z.string(),
  refreshToken: z.string(),
  botToken: z.string(),
  botSecret: z.string(),
});
export type InstalledOrganization = z.infer<typeof installedOrganization>;

/** A message for globobot that waits in a room of its own. */
export const question = z.object({ messageId: z.string(), roomId: z.string() });
export type Question = z.infer<typeof question>;

/** The app and the bots as the platforms know them. */
export const APP = {
  clientId: "bench-client",
  clientSecret: "bench-client-secret",
  redirectUri: "http://127.0.0.1/token",
};
export const BOT_TOKEN = "bench-token";
export const WEBHOOK_URL = "http://127.0.0.1/webhook";
/** The license of the server that most figures share. */
export const LICENSE = 1520;
/** LiveChat's only organization. */
export const ORGANIZATION = "0c9e4f52-dddd-4eee-8fff-000000000002";
/** What deliveries to Bolt are signed with. */
export const SLACK_SECRET = "signing-secret-of-the-benchmark-slack";
export const LIVECHAT_SECRET = "webhook-secret-of-the-benchmark-livechat-01";
