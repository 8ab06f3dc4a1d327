import { existsSync } from "node:fs";
import { type Config, encryptionSecretsOf } from "./config/config.ts";
import type { Log } from "./log.ts";
import * as sqlite from "./store/sqlite/index.ts";
import type { Store } from "./store/store.ts";

/** The store of a server, which is then one of those on the database. Throws ConfigError, with what to do. */
export async function openServerStore(config: Config, log: Log): Promise<Store> {
  const { database } = config;
  const keys = { encryptionSecretsOf: secretsOf(config) };
  if (database.kind === "sqlite") return sqlite.openServerStore({ path: database.path, ...keys, log });
  // Only those who use PostgreSQL load its driver.
  const { openPostgresServerStore: open } = await import("./store/postgres/index.ts");
  return open({ url: database.url, ...keys, log });
}

/** The same store for a command; servers may be running on it. Throws ConfigError. */
export async function openCommandStore(config: Config): Promise<Store> {
  const { database } = config;
  const keys = { encryptionSecretsOf: secretsOf(config) };
  if (database.kind === "sqlite") return sqlite.openSqliteStore({ path: database.path, ...keys });
  const { openPostgresStore: open } = await import("./store/postgres/index.ts");
  return open({ url: database.url, ...keys });
}

/** Whether there can be anything to open: a file that does not exist is made only by a server. */
export function hasStore({ database }: Config): boolean {
  return database.kind === "postgres" || existsSync(database.path);
}

function secretsOf(config: Config): (platform: string) => string[] {
  return (platform) => encryptionSecretsOf(config, platform);
}
