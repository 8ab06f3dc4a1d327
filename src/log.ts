import slowRedact from "@pinojs/redact";
import { type DestinationStream, type Logger, pino } from "pino";
import { createLogOutput } from "./log-output.ts";

/** What a child log repeats in every line is plain values: nothing may be nested in it, where nobody looks for secrets. */
export type Log = Omit<Logger, "child"> & {
  child(bindings: Readonly<Record<string, string | number | boolean>>): Log;
};
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/**
 * Fields that never show their value, wherever somebody should hand one over by mistake. The first line of defence
 * is not to log them: bodies, headers and message texts are not passed to the log anywhere.
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

/** An error of a library may carry the whole request that failed. */
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

/** Looking within every value takes ten times as long as the rest of a line, and hardly a line has more than plain ones. */
function withoutSecretsWithin(fields: Record<string, unknown>): Record<string, unknown> {
  const isPlain = Object.entries(fields).every(([name, value]) => name === "err" || !mayHideFields(value));
  return isPlain ? fields : Object(hideWithin(fields));
}

function mayHideFields(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(mayHideFields);
  return typeof value === "object" && value !== null;
}

/** The process's log: JSON lines, to standard output unless a destination is given. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    redact: { paths: SECRET_FIELDS, censor: CENSOR },
    formatters: { log: withoutSecretsWithin },
    serializers: { err: errorForLog },
  };
  return pino(options, destination ?? createLogOutput());
}
