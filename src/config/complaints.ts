import { closest } from "fastest-levenshtein";
import type { z } from "zod";
import type { Environment } from "./config.ts";
import { environment } from "./environment.ts";

/** Their values are not repeated. */
const SECRETS = ["DATABASE_ENCRYPTION_KEY", "LIVECHAT_WEBHOOK_SECRET", "LIVECHAT_PAT"];

/** A value that is wrong in one way is often wrong in another; the first complaint is enough. */
export function firstOfEach(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  return [...new Map(issues.toReversed().map((issue) => [issue.path[0], issue])).values()].reverse();
}

/** What is wrong with one setting. A value that may be secret or private is not shown. */
export function complaintOf({ path: [name], message }: z.core.$ZodIssue, given: Environment): string {
  const value = given[String(name)] ?? "";
  // A value with an @ may be a person's address or a URL with a password.
  const isPrivate = SECRETS.includes(String(name)) || value.includes("@");
  return `${String(name)} ${message}${isPrivate ? "" : `, but is "${value}"`}`;
}

const LIVECHAT_APP = ["LIVECHAT_CLIENT_ID", "LIVECHAT_CLIENT_SECRET", "LIVECHAT_WEBHOOK_SECRET"];
const LIVECHAT_REST = [
  "LIVECHAT_REDIRECT_URI",
  "LIVECHAT_WEBHOOK_URL",
  "LIVECHAT_ALLOWED_ORGANIZATIONS",
  "LIVECHAT_PAT",
];

/** Complaints about platforms that have some settings, but lack required ones. */
export function halfSet(given: Environment): string[] {
  const missing = (needs: string, names: readonly string[], why: string) =>
    names
      .filter((name) => given[name] !== undefined && given[needs] === undefined)
      .map((name) => `${needs} is not set, but ${name} is: ${why}`);
  const console = "both are on the app's page in the developers console";
  const livechatConsole = "all three are needed; the first two are on the app's page in the console";
  const app = "without its app the Pizza BOT is switched off";
  const bot = "globobot needs its bot token to read and answer messages";
  return [
    ...LIVECHAT_APP.flatMap((needs) => missing(needs, LIVECHAT_APP, livechatConsole).slice(0, 1)),
    ...missing("LIVECHAT_CLIENT_ID", LIVECHAT_REST, app),
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

/** All complaints in one message, a line each. */
export function complaintsAsOne(complaints: readonly string[]): string {
  const lines = [...new Set(complaints)].map((complaint) => `  - ${complaint}`);
  return `The settings need fixing:\n${lines.join("\n")}\nSettings come from the environment and .env; .env.example explains each.`;
}

const OUR_NAMES = Object.keys(environment.shape);
/** Windows Terminal sets these. */
const NOT_OURS = ["WT_SESSION", "WT_PROFILE_ID"];

/** Warns of names that begin like ours and are none of ours: a mistyped one would be ignored in silence. */
export function unknownNames(given: Environment): string[] {
  return Object.keys(given)
    .filter((name) => /^(CHATIO|LIVECHAT|WT)_/.test(name))
    .filter((name) => !OUR_NAMES.includes(name) && !NOT_OURS.includes(name))
    .map((name) => `${name} is not a setting of this server. Did you mean ${closest(name, OUR_NAMES)}?`);
}
