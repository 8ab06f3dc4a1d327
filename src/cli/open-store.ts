import type { Config } from "../config/config.ts";
import { sentenceOf } from "../errors.ts";
import type { CallGate } from "../http/http.ts";
import { createLog } from "../log.ts";
import { type BackupReport, backUpDatabase } from "../store/sqlite/index.ts";
import type { Holds, Store } from "../store/store.ts";
import { hasStore, openCommandStore } from "../stores.ts";
import { createCallGate } from "../work/call-gate.ts";
import { CommandError, type Terminal } from "./command.ts";

/** Opens the store, runs `work`, and closes it; a server may be running on it. Throws CommandError if there is none. */
export async function withStore<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  verifyExists(config);
  const store = await openCommandStore(config);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Copies the database into a new file; a server may be running on it. Throws CommandError if there is none. */
export function backUp(config: Config, target: string, mayReplace: boolean): BackupReport {
  verifyExists(config);
  if (config.database.kind !== "sqlite")
    throw new CommandError("The database is PostgreSQL: copy it with pg_dump; docs/operate.md says how.");
  return backUpDatabase(config.database.path, target, mayReplace);
}

/** Makes a running server repeat its checks, because a command has changed something at a platform. */
export async function tellServer(config: Config, { err }: Terminal): Promise<void> {
  if (!hasStore(config)) return;
  try {
    await withStore(config, ({ news }) => news.tell());
  } catch (error) {
    err(`A running server could not be notified; it looks again within five minutes: ${sentenceOf(error)}`);
  }
}

/** Keeps a command from calling a platform that has asked it, or the server on this database, for a pause. */
export function gateOf(config: Config): CallGate {
  const withHolds = <T>(work: (holds: Holds) => Promise<T>, otherwise: T): Promise<T> =>
    hasStore(config) ? withStore(config, ({ holds }) => work(holds)) : Promise.resolve(otherwise);
  const holds: Holds = {
    askedMs: (quota) => withHolds((kept) => kept.askedMs(quota), null),
    list: () => withHolds((kept) => kept.list(), []),
    hold: (...held) => withHolds((kept) => kept.hold(...held), undefined),
    lift: (...lifted) => withHolds((kept) => kept.lift(...lifted), undefined),
  };
  return createCallGate(holds, createLog("silent"));
}

function verifyExists(config: Config): void {
  if (hasStore(config)) return;
  const { database } = config;
  const place = database.kind === "sqlite" ? ` at ${database.path}` : "";
  throw new CommandError(
    `There is no database${place} yet. Start the server once, or set DATABASE_URL to its path.`,
  );
}
