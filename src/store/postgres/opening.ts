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
