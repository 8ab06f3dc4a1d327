import { isatty } from "node:tty";
import { visible, visibleLines } from "./visible.ts";

const STANDARD_OUTPUT = 1;

/** Turns one JSON line of the log, with its line end, into what is written. Never throws. */
export type LogText = (line: string) => string;

/**
 * How the log shows on standard output: for a person if that is a terminal, in colour unless NO_COLOR is set or the terminal
 * has none; else as JSON.
 */
export async function textForOutput(): Promise<LogText> {
  return isatty(STANDARD_OUTPUT) ? createReadableText(process.stdout.hasColors()) : visibleLines;
}

/** Time in UTC, level, message, and the fields as JSON; a stack has lines of its own. */
export async function createReadableText(hasColors: boolean): Promise<LogText> {
  // Not at the top: a server without a terminal starts without it.
  const { prettyFactory } = await import("pino-pretty");
  const pretty = prettyFactory({
    colorize: hasColors,
    ignore: "pid,hostname",
    translateTime: "UTC:yyyy-mm-dd'T'HH:MM:ss.l'Z'",
    singleLine: true,
  });
  return (line) => {
    try {
      // Before the colours, which are control characters, too.
      return pretty(JSON.parse(line, withVisibleText));
    } catch {
      return visibleLines(line);
    }
  };
}

/** Line ends stay only in stacks, which are indented: elsewhere they could feign a line of the log. */
function withVisibleText(name: string, value: unknown): unknown {
  if (typeof value === "string") return name === "stack" ? visibleLines(value) : visible(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, within]) => [visible(key), within]));
}
