import { existsSync } from "node:fs";
import { type Config, encryptionSecretsOf } from "./config/config.ts";
import type { Database } from "./config/setting-kinds.ts";
import type { Log } from "./log.ts";
import * as sqlite from "./store/sqlite/index.ts";
import type { Store } from "./store/store.ts";
import type { MoveSource, MoveTarget } from "./store/transfer.ts";

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

/** The database from which everything is moved; nobody else writes to it meanwhile. Throws ConfigError. */
export async function openMoveSource(database: Database): Promise<MoveSource> {
  if (database.kind === "sqlite") return sqlite.openMoveSource(database.path);
  return (await import("./store/postgres/index.ts")).openMoveSource({ url: database.url });
}

/** The database to which everything is moved; nobody else uses it meanwhile. Throws ConfigError. */
export async function openMoveTarget(database: Database): Promise<MoveTarget> {
  if (database.kind === "sqlite") return sqlite.openMoveTarget(database.path);
  return (await import("./store/postgres/index.ts")).openMoveTarget({ url: database.url });
}

/** Lets servers use a database again from which everything was moved; false if that is not so. Throws ConfigError. */
export async function reopenMoved(database: Database): Promise<boolean> {
  if (database.kind === "sqlite") return sqlite.reopenMoved(database.path);
  return (await import("./store/postgres/index.ts")).reopenMoved({ url: database.url });
}

/** Whether there can be anything to open: a file that does not exist is made only by a server. */
export function hasStore({ database }: Config): boolean {
  return database.kind === "postgres" || existsSync(database.path);
}

function secretsOf(config: Config): (platform: string) => string[] {
  return (platform) => encryptionSecretsOf(config, platform);
}
