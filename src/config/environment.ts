import { z } from "zod";
import {
  databaseUrl,
  duration,
  encryptionKey,
  exactUrl,
  licenses,
  organizations,
  personalAccessToken,
  port,
  proxy,
  senders,
  url,
  version,
  webhookKey,
  yesOrNo,
} from "./setting-kinds.ts";

/** All settings: what each accepts, and its default. */
export const environment = z.object({
  PORT: port.default(5000),
  HOST: z.string().default("127.0.0.1"),
  PUBLIC_URL: url.optional(),
  CHATIO_CLIENT_ID: z.string().optional(),
  CHATIO_CLIENT_SECRET: z.string().optional(),
  CHATIO_REDIRECT_URI: exactUrl.optional(),
  CHATIO_WEBHOOK_URL: url.optional(),
  CHATIO_ACCOUNTS_URL: url.default("https://accounts.chat.io"),
  CHATIO_API_URL: url.default("https://api.chat.io"),
  CHATIO_API_VERSION: version("v0.3").default("v0.3"),
  CHATIO_ALLOWED_LICENSES: licenses.optional(),
  LIVECHAT_CLIENT_ID: z.string().optional(),
  LIVECHAT_CLIENT_SECRET: z.string().optional(),
  LIVECHAT_WEBHOOK_SECRET: webhookKey.optional(),
  LIVECHAT_REDIRECT_URI: exactUrl.optional(),
  LIVECHAT_WEBHOOK_URL: url.optional(),
  LIVECHAT_ACCOUNTS_URL: url.default("https://accounts.livechat.com"),
  LIVECHAT_API_URL: url.default("https://api.livechatinc.com"),
  LIVECHAT_API_VERSION: version("v3.6").default("v3.6"),
  LIVECHAT_ALLOWED_ORGANIZATIONS: organizations.optional(),
  LIVECHAT_PAT: personalAccessToken.optional(),
  REACTION_MAX_AGE: duration.default(3_600_000),
  WT_API_TOKEN: z.string().optional(),
  WT_API_URL: url.default("https://webexapis.com/v1"),
  WT_TARGET_URL: url.optional(),
  WT_WEBHOOK_SECRET: z.string().optional(),
  WT_ALLOWED_SENDERS: senders.optional(),
  WT_REPLY_PRIVATELY: yesOrNo.default(false),
  WT_HEAL_WEBHOOKS: yesOrNo.default(false),
  ACCOUNTS_FILE: z.string().optional(),
  DATABASE_URL: databaseUrl.prefault("file:data/chatops.db"),
  DATABASE_ENCRYPTION_KEY: encryptionKey.optional(),
  ADMIN_PASSWORD: z.string().optional(),
  NGROK_API_URL: url.default("http://127.0.0.1:4040"),
  TRUST_PROXY: proxy.default("loopback"),
  LOG_LEVEL: z
    .enum(
      ["fatal", "error", "warn", "info", "debug", "trace", "silent"],
      "must be one of fatal, error, warn, info, debug, trace, silent",
    )
    .default("info"),
});

export type Settings = z.infer<typeof environment>;
