import { isIP } from "node:net";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "proxy-addr";
import { z } from "zod";
import { lowerCaseAscii } from "../letter-case.ts";

// The kinds of settings: what each accepts, and the complaint about anything else.

/** Used exactly as given. */
export const exactUrl = z
  .string()
  .regex(/^https?:\/\/[^\s/?#]+[^\s?#]*$/, "must be an http:// or https:// URL without query and fragment")
  .refine((text) => URL.canParse(text), "is not a URL")
  .refine(
    (text) => !URL.canParse(text) || !new URL(text).username,
    "must not contain a user name or password",
  );

/** Without a trailing slash, so that paths can be appended. */
export const url = exactUrl.transform((text) => text.replace(/\/+$/, ""));

export const port = z
  .string()
  .regex(/^\d+$/, "must be a whole number")
  .transform(Number)
  .refine((number) => number <= 65_535, "must be at most 65535");

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

export const duration = z
  .string()
  .regex(/^[1-9]\d{0,5} ?[smh]$/, "must be a number followed by s, m or h, e.g. 90s, 30m or 1h")
  .transform((text) => Number.parseInt(text, 10) * (UNIT_MS[text.slice(-1)] ?? Number.NaN));

export const senders = z
  .string()
  .transform((list) =>
    list
      .split(",")
      .map((entry) => lowerCaseAscii(entry.trim()))
      .filter((entry) => entry !== ""),
  )
  .pipe(
    z
      .array(
        z.string().regex(/^[^@\s]*@[^@\s]+$/, "must be e-mail addresses and @domains, separated by commas"),
      )
      .min(1, "must name at least one sender"),
  );

export const licenses = z
  .string()
  .regex(/^\d+(\s*,\s*\d+)*$/, "must be license numbers, separated by commas")
  .transform((list) => list.split(",").map(Number))
  .refine(
    (numbers) => numbers.every(Number.isSafeInteger),
    "contains a number that is too large for a license",
  )
  .transform((numbers) => numbers.map(String));

export const encryptionKey = z
  .string()
  .min(16, "must have at least 16 characters, e.g. from: openssl rand -base64 32");

export const webhookKey = z
  .string()
  .min(16, "must have at least 16 characters, e.g. from: openssl rand -hex 32");

export const organizations = z
  .string()
  .regex(/^[\w-]{1,100}(\s*,\s*[\w-]{1,100})*$/, "takes organization ids, separated by commas")
  .transform((list) => list.split(",").map((id) => id.trim()));

export type PersonalAccessToken = { readonly accountId: string; readonly token: string };

export const personalAccessToken = z
  .string()
  // The token itself may have a colon: a region comes before it.
  .regex(/^[^:\s]+:\S+$/, "must be an account id, a colon and a personal access token")
  .transform((text): PersonalAccessToken => {
    const colon = text.indexOf(":");
    return { accountId: text.slice(0, colon), token: text.slice(colon + 1) };
  });

export function version(example: string) {
  return z.string().regex(/^v\d+\.\d+$/, `must look like ${example}`);
}

export const yesOrNo = z
  .enum(["true", "false"], "must be true or false")
  .transform((text) => text === "true");

export const proxy = z
  .string()
  .refine(
    (text) => text === "none" || text === "loopback" || isNetwork(text),
    "must be loopback, none, an IP address, or a network such as 10.0.0.0/8",
  );

function isNetwork(text: string): boolean {
  try {
    compile(text);
    return isIP(text.split("/")[0] ?? "") > 0;
  } catch {
    return false;
  }
}

const DATABASE_URLS =
  "must be file: and a path, e.g. file:data/chatops.db, or for several servers postgres://user:password@host:5432/database";

/** A file of SQLite, or a database of PostgreSQL. */
export const databaseUrl = z.string().transform((text, context): Database => {
  const refuse = (message: string) => {
    context.addIssue(message);
    return z.NEVER;
  };
  if (/^postgres(ql)?:/.test(text)) {
    const isWhole = URL.canParse(text) && /^\/./.test(new URL(text).pathname);
    return isWhole ? { kind: "postgres", url: text } : refuse(DATABASE_URLS);
  }
  if (!/^file:(?!:memory:)./.test(text)) return refuse(DATABASE_URLS);
  if (!text.startsWith("file://")) return { kind: "sqlite", path: resolve(text.slice("file:".length)) };
  try {
    return { kind: "sqlite", path: fileURLToPath(text) };
  } catch {
    return refuse("must be a path on this machine, e.g. file:///var/lib/chatops/chatops.db");
  }
});

export type Database =
  /** `path`: of the file. */
  | { readonly kind: "sqlite"; readonly path: string }
  /** `url`: postgres://…, with a password in it. */
  | { readonly kind: "postgres"; readonly url: string };
