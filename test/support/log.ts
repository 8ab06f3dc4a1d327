import { createLog, type Log } from "../../src/log.ts";

export type LogSink = {
  log: Log;
  /** Everything logged so far, as it would stand in the process's output. */
  text(): string;
  /** The messages alone, in order. */
  messages(): string[];
};

/** A real log that writes into memory. */
export function createLogSink(): LogSink {
  const lines: string[] = [];
  return {
    log: createLog("trace", { write: (line) => void lines.push(line) }),
    text: () => lines.join(""),
    messages: () => lines.map((line) => String(JSON.parse(line).msg)),
  };
}
