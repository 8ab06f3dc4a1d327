import { existsSync } from "node:fs";
import { type Config, encryptionSecretsOf } from "../config/config.ts";
import { sentenceOf } from "../errors.ts";
import type { CallGate } from "../http/http.ts";
import { createLog } from "../log.ts";
import { type BackupReport, backUpDatabase, openSqliteStore } from "../store/sqlite/index.ts";
import type { Holds, Store } from "../store/store.ts";
import { createCallGate } from "../work/call-gate.ts";
import { CommandError, type Terminal } from "./command.ts";

/** Lends the work the store of the settings, beside a server that may be running on it. */
export async function withStore<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  verifyExists(config);
  const store = openSqliteStore({
    path: config.databasePath,
    encryptionSecretsOf: (platform) => encryptionSecretsOf(config, platform),
  });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Copies the database of the settings into a new file, while a server may be running on it. */
export function backUp(config: Config, target: string, mayReplace: boolean): BackupReport {
  verifyExists(config);
  return backUpDatabase(config.databasePath, target, mayReplace);
}

/** Lets a server that runs on the database look again at what a command has changed at a platform. */
export async function tellServer(config: Config, { err }: Terminal): Promise<void> {
  if (!existsSync(config.databasePath)) return;
  try {
    await withStore(config, ({ news }) => news.tell());
  } catch (error) {
    err(`A running server could not be told, and looks again within five minutes: ${sentenceOf(error)}`);
  }
}

/** Keeps the command from calling a platform that has asked for a pause, the server of this database included. */
export function gateOf(config: Config): CallGate {
  const lend = <T>(work: (holds: Holds) => Promise<T>, otherwise: T): Promise<T> =>
    existsSync(config.databasePath)
      ? withStore(config, ({ holds }) => work(holds))
      : Promise.resolve(otherwise);
  const holds: Holds = {
    askedMs: (quota) => lend((kept) => kept.askedMs(quota), null),
    list: () => lend((kept) => kept.list(), []),
    hold: (...held) => lend((kept) => kept.hold(...held), undefined),
    lift: (...lifted) => lend((kept) => kept.lift(...lifted), undefined),
  };
  return createCallGate(holds, createLog("silent"));
}

function verifyExists({ databasePath: path }: Config): void {
  if (existsSync(path)) return;
  throw new CommandError(
    `There is no database at ${path} yet. Start the server once, or put its place into DATABASE_URL.`,
  );
}
