import { config as loadDotenv } from "dotenv";
import { z } from "zod";
import { ConfigError } from "../errors.ts";
import type { LogLevel } from "../log.ts";
import { findNgrokUrl } from "./ngrok.ts";
import {
  databaseUrl,
  duration,
  encryptionKey,
  exactUrl,
  licenses,
  port,
  proxy,
  senders,
  url,
  yesOrNo,
} from "./setting-kinds.ts";

export type ChatioConfig = {
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  webhookUrl: string;
  accountsUrl: string;
  apiUrl: string;
  apiVersion: string;
  /** Reactions that have waited for longer than this many milliseconds are dropped. */
  reactionMaxAgeMs: number;
  /** Licenses that may install the bot; null: any. */
  allowedLicenses: readonly string[] | null;
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
  chatio: ChatioConfig | null;
  webex: WebexConfig | null;
  /** null: the built-in rule. */
  reactionsFile: string | null;
  /** null: the built-in sample. */
  accountsFile: string | null;
  databasePath: string;
  /** What credentials in the database are encrypted with; null: with each platform's client secret. */
  encryptionKey: string | null;
  /** null: there are no operator pages. */
  operatorPassword: string | null;
  /** The proxy whose X-Forwarded-For is trusted: an IP address, a network (CIDR), "loopback" or "none". */
  trustProxy: string;
  /** The API of the ngrok agent on this machine. */
  ngrokApiUrl: string;
  logLevel: LogLevel;
};

export type Environment = Readonly<Record<string, string | undefined>>;

const environment = z.object({
  PORT: port.default(5000),
  HOST: z.string().default("127.0.0.1"),
  PUBLIC_URL: url.optional(),
  CHATIO_CLIENT_ID: z.string().optional(),
  CHATIO_CLIENT_SECRET: z.string().optional(),
  CHATIO_REDIRECT_URI: exactUrl.optional(),
  CHATIO_WEBHOOK_URL: url.optional(),
  CHATIO_ACCOUNTS_URL: url.default("https://accounts.chat.io"),
  CHATIO_API_URL: url.default("https://api.chat.io"),
  CHATIO_API_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/, "must look like v0.3")
    .default("v0.3"),
  CHATIO_ALLOWED_LICENSES: licenses.optional(),
  REACTION_MAX_AGE: duration.default(3_600_000),
  REACTIONS_FILE: z.string().optional(),
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

type Settings = z.infer<typeof environment>;

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
  if (!read.success || complaints.length > 0) throw new ConfigError(complaintsAsOne(complaints));
  return configOf(read.data);
}

/** A value that is wrong in one way is often wrong in another; the first complaint is enough. */
function firstOfEach(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  return [...new Map(issues.toReversed().map((issue) => [issue.path[0], issue])).values()].reverse();
}

function complaintOf({ path: [name], message }: z.core.$ZodIssue, given: Environment): string {
  const value = given[String(name)] ?? "";
  // A value with an @ may be a person's address or a URL with a password.
  const isPrivate = name === "DATABASE_ENCRYPTION_KEY" || value.includes("@");
  return `${String(name)} ${message}${isPrivate ? "" : `, but is "${value}"`}`;
}

/** Complaints about platforms that have some settings, but lack required ones. */
function halfSet(given: Environment): string[] {
  const missing = (needs: string, names: readonly string[], why: string) =>
    names
      .filter((name) => given[name] !== undefined && given[needs] === undefined)
      .map((name) => `${needs} is not set, but ${name} is: ${why}`);
  const console = "both are on the app's page in the developers console";
  const app = "without its app the Pizza BOT is switched off";
  const bot = "globobot needs its bot token to read and answer messages";
  return [
    ...missing("CHATIO_CLIENT_SECRET", ["CHATIO_CLIENT_ID"], console),
    ...missing("CHATIO_CLIENT_ID", ["CHATIO_CLIENT_SECRET"], console),
    ...missing(
      "CHATIO_CLIENT_ID",
      ["CHATIO_REDIRECT_URI", "CHATIO_WEBHOOK_URL", "CHATIO_ALLOWED_LICENSES"],
      app,
    ),
    ...missing("WT_API_TOKEN", ["WT_WEBHOOK_SECRET", "WT_ALLOWED_SENDERS", "WT_TARGET_URL"], bot),
    ...missing("WT_API_TOKEN", ["WT_REPLY_PRIVATELY", "WT_HEAL_WEBHOOKS"], bot),
  ];
}

function complaintsAsOne(complaints: readonly string[]): string {
  const lines = [...new Set(complaints)].map((complaint) => `  - ${complaint}`);
  return `The settings need fixing:\n${lines.join("\n")}\nSettings come from the environment and .env; .env.example explains each.`;
}

/**
 * What the platform's credentials in the database are encrypted with, and then what they may have been encrypted with before
 * DATABASE_ENCRYPTION_KEY was set. Empty: the platform keeps none.
 */
export function encryptionSecretsOf({ encryptionKey, chatio }: Config, platform: string): string[] {
  const clientSecrets: Readonly<Record<string, string | undefined>> = { chatio: chatio?.clientSecret };
  return [encryptionKey, clientSecrets[platform]].filter((secret) => secret != null);
}

function configOf(settings: Settings): Config {
  const publicUrl = settings.PUBLIC_URL ?? `http://localhost:${settings.PORT}`;
  return {
    port: settings.PORT,
    host: settings.HOST,
    publicUrl,
    isPublicUrlFromNgrok: false,
    chatio: chatioOf(settings, publicUrl),
    webex: webexOf(settings, publicUrl),
    reactionsFile: settings.REACTIONS_FILE ?? null,
    accountsFile: settings.ACCOUNTS_FILE ?? null,
    databasePath: settings.DATABASE_URL,
    encryptionKey: settings.DATABASE_ENCRYPTION_KEY ?? null,
    operatorPassword: settings.ADMIN_PASSWORD ?? null,
    trustProxy: settings.TRUST_PROXY,
    ngrokApiUrl: settings.NGROK_API_URL,
    logLevel: settings.LOG_LEVEL,
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
