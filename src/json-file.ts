import { readFileSync, statSync } from "node:fs";
import { ConfigError, sentenceOf } from "./errors.ts";

/**
 * What `read` makes of the JSON in an operator's file. Throws ConfigError with the setting that names the file, its path,
 * and what is wrong.
 */
export function readJsonFile<T>(setting: string, path: string, read: (json: string) => T): T {
  try {
    // Some editors start the file with a byte order mark, which JSON does not allow.
    return read(readFileSync(path, "utf8").replace(/^\uFEFF/, ""));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? "it is not valid JSON" : sentenceOf(cause);
    throw new ConfigError(`${setting}: ${path} cannot be used: ${reason}.`, { cause });
  }
}

/** Changes whenever the file is written or replaced. */
export function versionOf(path: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    // The read that follows reports what is wrong.
    return sentenceOf(error);
  }
}
