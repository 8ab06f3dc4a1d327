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
  "cookie",
  "text",
  "body",
];

/** The process's log: JSON lines, to standard output unless a destination is given. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const redact = { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]), censor: "[hidden]" };
  return destination ? pino({ level, redact }, destination) : pino({ level, redact });
}
