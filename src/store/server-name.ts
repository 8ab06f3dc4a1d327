import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";

/** The version of this release, as package.json has it. */
export const VERSION = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))).version;

/** The name of a process among the servers on a database: its machine's, and what tells it from others there. */
export function newServerName(): string {
  return `${hostname().slice(0, 60)}-${randomBytes(3).toString("hex")}`;
}
