import { type DestinationStream, type Logger, pino } from "pino";

export type Log = Logger;
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

/** The process's log: JSON lines, to standard output unless a destination is given. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const paths = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const options = { level, redact: { paths, censor: "[hidden]" }, serializers: { err: errorForLog } };
  return destination ? pino(options, destination) : pino(options);
}
