import { z } from "zod";
import { ConfigError, sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { createCiphers, type EncryptionSecretsOf } from "../credentials.ts";
import type { News, Store } from "../store.ts";
import { createWriteCheck } from "../write-check.ts";
import { reading, writing } from "./commits.ts";
import { type Connections, createConnections } from "./connections.ts";
import { createDesk } from "./desk.ts";
import { adviceOn } from "./failures.ts";
import { createHolds } from "./holds.ts";
import { createInbox } from "./inbox.ts";
import { createAllInstallations } from "./installations.ts";
import { migrate } from "./migrations/index.ts";

export type PostgresOptions = {
  /** postgres://user:password@host:port/database */
  url: string;
  encryptionSecretsOf: EncryptionSecretsOf;
  /** For tests: the time in ms since 1970, in place of the database's own; null: the database's. */
  clock?: () => number | null;
  log?: Log;
};

/** The store of a server or a command; any number of them may use one database. Throws ConfigError, with what to do. */
export async function openPostgresStore({
  url,
  encryptionSecretsOf,
  clock,
}: PostgresOptions): Promise<Store> {
  const connections = createConnections({ url, clock });
  try {
    await migrate(connections);
  } catch (error) {
    await connections.close();
    throw error instanceof ConfigError ? error : unusable(error);
  }
  const inbox = createInbox(connections);
  return {
    ...createWriteCheck(inbox, (bytes) => fill(connections, bytes)),
    desk: createDesk(connections),
    installations: createAllInstallations(connections, createCiphers(encryptionSecretsOf)),
    holds: createHolds(connections),
    news: createNews(connections),
    async close() {
      // Waiting writes come first; if one fails, its own caller is told.
      await inbox.settled();
      await connections.close();
    },
  };
}

function unusable(cause: unknown): ConfigError {
  return new ConfigError(
    `DATABASE_URL: the database cannot be used: ${sentenceOf(cause)}.${adviceOn(cause)}`,
    { cause },
  );
}

const FILL = `
  INSERT INTO chatops.write_check (id, checked_at, filling)
  VALUES (1, chatops.now_ms(), convert_to(repeat(' ', $1), 'UTF8'))
  ON CONFLICT (id) DO UPDATE SET checked_at = excluded.checked_at, filling = excluded.filling`;

async function fill({ query }: Connections, bytes: number): Promise<void> {
  await writing(() => query(FILL, [bytes]));
}

const toldRow = z.object({ told: z.number() });

function createNews({ query }: Connections): News {
  return {
    tell: async () => {
      await writing(() => query("UPDATE chatops.news SET told = told + 1", []));
    },
    count: () =>
      reading(async () => toldRow.parse((await query("SELECT told FROM chatops.news", []))[0]).told),
  };
}
