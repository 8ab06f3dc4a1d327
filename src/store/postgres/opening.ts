import { z } from "zod";
import { ConfigError, sentenceOf } from "../../errors.ts";
import { type ConnectionOptions, type Connections, createConnections } from "./connections.ts";
import { adviceOn } from "./failures.ts";
import { verifyNotMarked } from "./marks.ts";
import { migrate } from "./migrations/index.ts";

export type OpenOptions = ConnectionOptions & {
  /** True: opens it even if it takes part in a move. */
  mayBeMarked?: boolean;
};

/** Connects, and brings the database to the newest version. Throws ConfigError, with what to do. */
export async function connect({ mayBeMarked = false, ...options }: OpenOptions): Promise<Connections> {
  const connections = createConnections(options);
  try {
    await migrate(connections);
    if (!mayBeMarked) await verifyNotMarked(connections, options.url);
    return connections;
  } catch (error) {
    await connections.close();
    throw error instanceof ConfigError ? error : unusable(error);
  }
}

/** The database as somebody who starts finds it. */
export function unusable(cause: unknown): ConfigError {
  return new ConfigError(
    `DATABASE_URL: the database cannot be used: ${sentenceOf(cause)}.${adviceOn(cause)}`,
    { cause },
  );
}

const settingRow = z.object({ setting: z.string() });

/** Throws ConfigError if PostgreSQL would say that something is kept before it is on the disk. */
export async function verifyDurable({ query }: Pick<Connections, "query">): Promise<void> {
  const [row] = await query("SELECT current_setting('synchronous_commit') AS setting", []);
  if (settingRow.parse(row).setting !== "off") return;
  throw new ConfigError(
    "DATABASE_URL: synchronous_commit is off for this role or database, so what was answered 200 could be lost. Set it to on: ALTER ROLE … SET synchronous_commit = on",
  );
}
