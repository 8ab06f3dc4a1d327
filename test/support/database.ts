import { vi } from "vitest";
import { type Environment, encryptionSecretsOf, readConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import { openPostgresServerStore } from "../../src/store/postgres/index.ts";
import type { Store } from "../../src/store/store.ts";
import { openServerStore } from "../../src/stores.ts";
import { makeDatabase, newPostgresUrl } from "./postgres.ts";
import { newDatabase } from "./store.ts";

/** Of a database in which nothing is yet: a file, or with TEST_STORE=postgres on the PostgreSQL of this run. */
export async function newDatabaseUrl(): Promise<string> {
  if (process.env.TEST_STORE !== "postgres") return `file:${newDatabase()}`;
  const url = newPostgresUrl();
  await makeDatabase(url);
  return url;
}

/** The store of a server with these settings. While a test stops the clock, that of PostgreSQL stops, too. */
export async function openStoppableStore(settings: Environment): Promise<Store> {
  const config = readConfig(settings);
  const { database } = config;
  const log = createLog("silent");
  if (database.kind === "sqlite") return openServerStore(config, log);
  return openPostgresServerStore({
    url: database.url,
    encryptionSecretsOf: (platform) => encryptionSecretsOf(config, platform),
    log,
    clock: () => (vi.isFakeTimers() ? Date.now() : null),
  });
}
