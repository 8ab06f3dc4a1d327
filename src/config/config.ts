import { config as loadDotenv } from "dotenv";
import { ConfigError } from "../errors.ts";
import type { LogLevel } from "../log.ts";
import { complaintOf, complaintsAsOne, firstOfEach, halfSet, unknownNames } from "./complaints.ts";
import { environment, type Settings } from "./environment.ts";
import { findNgrokUrl } from "./ngrok.ts";
import type { Database, PersonalAccessToken } from "./setting-kinds.ts";

/** What a platform needs on which the keyword bot is installed by OAuth. */
type KeywordBotConfig = {
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  webhookUrl: string;
  accountsUrl: string;
  apiUrl: string;
  apiVersion: string;
  /** Reactions that have waited for longer than this many milliseconds are dropped. */
  reactionMaxAgeMs: number;
};

export type ChatioConfig = KeywordBotConfig & {
  /** Licenses that may install the bot; null: any. */
  allowedLicenses: readonly string[] | null;
};

export type LivechatConfig = KeywordBotConfig & {
  /** What proves that a delivery comes from LiveChat. */
  webhookSecret: string;
  /** Organizations that may install the bot; null: any. */
  allowedOrganizations: readonly string[] | null;
  /** A developer's, which manages the app's webhooks; null: none. */
  personalAccessToken: PersonalAccessToken | null;
};

export type WebexConfig = {
  token: string;
  apiUrl: string;
  targetUrl: string;
  /** null: deliveries are not signed. */
  webhookSecret: string | null;
  /** Lower-case e-mails and `@domains`; null: anyone. */
  allowedSenders: readonly string[] | null;
  /** Whether a balance asked for in a group goes to the sender alone. */
  replyPrivately: boolean;
  /** Whether webhooks that Webex has switched off are switched on again. */
  healWebhooks: boolean;
};

export type Config = {
  port: number;
  host: string;
  publicUrl: string;
  /** Whether publicUrl comes from the ngrok agent on this machine. */
  isPublicUrlFromNgrok: boolean;
  /** null: switched off, because its settings are missing. */
  livechat: LivechatConfig | null;
  chatio: ChatioConfig | null;
  webex: WebexConfig | null;
  /** null: the built-in rule. */
  reactionsFile: string | null;
  /** null: the built-in sample. */
  accountsFile: string | null;
  database: Database;
  /** What credentials in the database are encrypted with; null: with each platform's client secret. */
  encryptionKey: string | null;
  /** null: there are no operator pages. */
  operatorPassword: string | null;
  /** The proxy whose X-Forwarded-For is trusted: an IP address, a network (CIDR), "loopback" or "none". */
  trustProxy: string;
  /** The API of the ngrok agent on this machine. */
  ngrokApiUrl: string;
  logLevel: LogLevel;
  /** What is odd about the settings, a sentence each. */
  warnings: readonly string[];
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's environment; `.env` in the working folder fills in what it does not set. Throws ConfigError. */
export function processEnvironment(): Environment {
  const merged: Record<string, string> = {};
  const { error } = loadDotenv({ quiet: true, processEnv: merged });
  const isMissing = error && "code" in error && error.code === "ENOENT";
  if (error && !isMissing) throw new ConfigError(`.env exists but cannot be read: ${error.message}.`);
  return { ...merged, ...process.env };
}

/**
 * The settings, by default those of the process. If PUBLIC_URL is not set and the ngrok agent on this machine has a tunnel
 * to PORT, the tunnel's URL is used. Throws ConfigError like readConfig.
 */
export async function readProcessConfig(source: Environment = processEnvironment()): Promise<Config> {
  const config = readConfig(source);
  if (source.PUBLIC_URL?.trim()) return config;
  const publicUrl = await findNgrokUrl(config.ngrokApiUrl, config.port);
  if (publicUrl === null) return config;
  return { ...readConfig({ ...source, PUBLIC_URL: publicUrl }), isPublicUrlFromNgrok: true };
}

/** The settings. An empty value counts as not set. Throws one ConfigError that names everything that is wrong. */
export function readConfig(source: Environment): Config {
  const given = Object.fromEntries(
    Object.entries(source)
      .map(([name, value]) => [name, value?.trim()] as const)
      .filter(([, value]) => value),
  );
  const read = environment.safeParse(given);
  const complaints = [
    ...(read.success ? [] : firstOfEach(read.error.issues).map((issue) => complaintOf(issue, given))),
    ...halfSet(given),
  ];
  const warnings = unknownNames(given);
  // What is missing may be there under a mistyped name.
  if (!read.success || complaints.length > 0)
    throw new ConfigError(complaintsAsOne([...complaints, ...warnings]));
  return { ...configOf(read.data), warnings };
}

/**
 * What the platform's credentials in the database are encrypted with, and then what they may have been encrypted with before
 * DATABASE_ENCRYPTION_KEY was set. Empty: the platform keeps none.
 */
export function encryptionSecretsOf({ encryptionKey, livechat, chatio }: Config, platform: string): string[] {
  const clientSecrets: Readonly<Record<string, string | undefined>> = {
    livechat: livechat?.clientSecret,
    chatio: chatio?.clientSecret,
  };
  return [encryptionKey, clientSecrets[platform]].filter((secret) => secret != null);
}

function configOf(settings: Settings): Omit<Config, "warnings"> {
  const publicUrl = settings.PUBLIC_URL ?? `http://localhost:${settings.PORT}`;
  return {
    port: settings.PORT,
    host: settings.HOST,
    publicUrl,
    isPublicUrlFromNgrok: false,
    livechat: livechatOf(settings, publicUrl),
    chatio: chatioOf(settings, publicUrl),
    webex: webexOf(settings, publicUrl),
    reactionsFile: settings.REACTIONS_FILE ?? null,
    accountsFile: settings.ACCOUNTS_FILE ?? null,
    database: settings.DATABASE_URL,
    encryptionKey: settings.DATABASE_ENCRYPTION_KEY ?? null,
    operatorPassword: settings.ADMIN_PASSWORD ?? null,
    trustProxy: settings.TRUST_PROXY,
    ngrokApiUrl: settings.NGROK_API_URL,
    logLevel: settings.LOG_LEVEL,
  };
}

function livechatOf(settings: Settings, publicUrl: string): LivechatConfig | null {
  const { LIVECHAT_CLIENT_ID: clientId, LIVECHAT_CLIENT_SECRET: clientSecret } = settings;
  const { LIVECHAT_WEBHOOK_SECRET: webhookSecret } = settings;
  if (clientId === undefined || clientSecret === undefined || webhookSecret === undefined) return null;
  return {
    clientId,
    clientSecret,
    webhookSecret,
    redirectUri: settings.LIVECHAT_REDIRECT_URI ?? `${publicUrl}/livechat/token`,
    webhookUrl: settings.LIVECHAT_WEBHOOK_URL ?? `${publicUrl}/livechat/webhook`,
    accountsUrl: settings.LIVECHAT_ACCOUNTS_URL,
    apiUrl: settings.LIVECHAT_API_URL,
    apiVersion: settings.LIVECHAT_API_VERSION,
    reactionMaxAgeMs: settings.REACTION_MAX_AGE,
    allowedOrganizations: settings.LIVECHAT_ALLOWED_ORGANIZATIONS ?? null,
    personalAccessToken: settings.LIVECHAT_PAT ?? null,
  };
}

function chatioOf(settings: Settings, publicUrl: string): ChatioConfig | null {
  if (settings.CHATIO_CLIENT_ID === undefined || settings.CHATIO_CLIENT_SECRET === undefined) return null;
  return {
    clientId: settings.CHATIO_CLIENT_ID,
    clientSecret: settings.CHATIO_CLIENT_SECRET,
    redirectUri: settings.CHATIO_REDIRECT_URI ?? `${publicUrl}/token`,
    webhookUrl: settings.CHATIO_WEBHOOK_URL ?? `${publicUrl}/webhook`,
    accountsUrl: settings.CHATIO_ACCOUNTS_URL,
    apiUrl: settings.CHATIO_API_URL,
    apiVersion: settings.CHATIO_API_VERSION,
    reactionMaxAgeMs: settings.REACTION_MAX_AGE,
    allowedLicenses: settings.CHATIO_ALLOWED_LICENSES ?? null,
  };
}

function webexOf(settings: Settings, publicUrl: string): WebexConfig | null {
  if (settings.WT_API_TOKEN === undefined) return null;
  return {
    token: settings.WT_API_TOKEN,
    apiUrl: settings.WT_API_URL,
    targetUrl: settings.WT_TARGET_URL ?? `${publicUrl}/wtwebhook`,
    webhookSecret: settings.WT_WEBHOOK_SECRET ?? null,
    allowedSenders: settings.WT_ALLOWED_SENDERS ?? null,
    replyPrivately: settings.WT_REPLY_PRIVATELY,
    healWebhooks: settings.WT_HEAL_WEBHOOKS,
  };
}
