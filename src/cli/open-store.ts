import { existsSync } from "node:fs";
import type { Config } from "../config.ts";
import { openSqliteStore } from "../store/sqlite/index.ts";
import type { Store } from "../store/store.ts";
import { Refusal } from "./command.ts";

/** Lends the work the store of the settings, beside a server that may be running on it. */
export async function withStore<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  const { databasePath: path, chatio } = config;
  if (!existsSync(path)) {
    throw new Refusal(
      `There is no database at ${path} yet. Start the server once, or put its place into DATABASE_URL.`,
    );
  }
  const store = openSqliteStore({ path, encryptionSecret: chatio?.clientSecret ?? null });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
