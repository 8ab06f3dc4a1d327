import slowRedact from "@pinojs/redact";
import { type DestinationStream, type Logger, pino } from "pino";
import { createLogOutput } from "./log-output.ts";

/** A child log's bindings are plain values: nested ones would not be searched for secrets. */
export type Log = Omit<Logger, "child"> & {
  child(bindings: Readonly<Record<string, string | number | boolean>>): Log;
};
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/**
 * Fields whose values are always hidden, in case one is passed to the log by mistake. The first line of defence is not to
 * pass them: bodies, headers and message texts are never logged.
 */
const SECRET_FIELDS = [
  "accessToken",
  "refreshToken",
  "webhookSecret",
  "access_token",
  "refresh_token",
  "client_secret",
  "clientSecret",
  "secret_key",
  "secret",
  "token",
  "code",
  "authorization",
  "Authorization",
  "cookie",
  "Cookie",
  "text",
  "body",
];

/** A library's error may carry the whole request that failed, so only these fields are logged. */
function errorForLog(error: unknown) {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  return { name, message, stack, ...("code" in error && { errorCode: error.code }) };
}

const CENSOR = "[hidden]";

const hideWithin = slowRedact({
  paths: SECRET_FIELDS.flatMap((name) => [`*.${name}`, `*.*.${name}`]),
  censor: CENSOR,
  serialize: false,
});

/** Searching nested values takes ten times as long as the rest of a line, and few lines have any. */
function withoutSecretsWithin(fields: Record<string, unknown>): Record<string, unknown> {
  const isPlain = Object.entries(fields).every(([name, value]) => name === "err" || !mayHideFields(value));
  return isPlain ? fields : Object(hideWithin(fields));
}

function mayHideFields(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(mayHideFields);
  return typeof value === "object" && value !== null;
}

/** The process's log: makes JSON lines, for standard output unless a destination is given. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    redact: { paths: SECRET_FIELDS, censor: CENSOR },
    formatters: { log: withoutSecretsWithin },
    serializers: { err: errorForLog },
  };
  return pino(options, destination ?? createLogOutput());
}
