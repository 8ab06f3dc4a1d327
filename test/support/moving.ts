import { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { type MoveReport, move } from "../../src/store/move.ts";
import * as postgres from "../../src/store/postgres/index.ts";
import * as sqlite from "../../src/store/sqlite/index.ts";
import type { Store } from "../../src/store/store.ts";
import type { Content, MoveSource, MoveTarget } from "../../src/store/transfer.ts";
import { createLogSink } from "./log.ts";
import { makeDatabase, newPostgresUrl, openTestPostgres, withClient } from "./postgres.ts";
import { newDatabase, openTestStore } from "./store.ts";

/** A kind of database that can be moved from and to. */
export type Kind = {
  /** A place with an empty database. */
  newPlace(): Promise<string>;
  /** The store there; closed when the test is finished. */
  open(place: string, ...secrets: string[]): Promise<Store>;
  /** The store as a server opens it. */
  openServer(place: string): Promise<Store>;
  source(place: string): Promise<MoveSource>;
  target(place: string): Promise<MoveTarget>;
  reopen(place: string): Promise<boolean>;
  /** Whether another program can write to what is moved at this moment. */
  canWrite(place: string): Promise<boolean>;
  /** A text as it comes back. */
  keeps(text: string): string;
};

const encryptionSecretsOf = () => ["client-secret-invented"];

export const FILE: Kind = {
  newPlace: async () => newDatabase(),
  open: async (place, ...secrets) => openTestStore(place, ...secrets),
  openServer: async (path) => closedLater(sqlite.openServerStore({ path, encryptionSecretsOf })),
  source: async (path) => sqlite.openMoveSource(path),
  target: async (path) => sqlite.openMoveTarget(path),
  reopen: async (path) => sqlite.reopenMoved(path),
  async canWrite(path) {
    const db = new DatabaseSync(path, { timeout: 0 });
    try {
      db.exec("BEGIN IMMEDIATE; ROLLBACK");
      return true;
    } catch {
      return false;
    } finally {
      db.close();
    }
  },
  keeps: (text) => text,
};

export const POSTGRES: Kind = {
  async newPlace() {
    const url = newPostgresUrl();
    await makeDatabase(url);
    return url;
  },
  open: openTestPostgres,
  openServer: async (url) =>
    closedLater(
      await postgres.openPostgresServerStore({ url, encryptionSecretsOf, log: createLogSink().log }),
    ),
  source: (url) => postgres.openMoveSource({ url }),
  target: (url) => postgres.openMoveTarget({ url }),
  reopen: (url) => postgres.reopenMoved({ url }),
  canWrite: (url) =>
    withClient(url, async (client) => {
      await client.query("SET lock_timeout = 50");
      const writes = ["jobs", "installations", "holds"].map(
        (table) => `DELETE FROM chatops.${table} WHERE false`,
      );
      const results = [];
      for (const sql of writes)
        results.push(
          await client.query(sql).then(
            () => true,
            () => false,
          ),
        );
      return results.includes(true);
    }),
  keeps: (text) => text.replaceAll("\u0000", "\u2400"),
};

function closedLater(store: Store): Store {
  onTestFinished(() => store.close().catch(() => {}));
  return store;
}

export type Place = { kind: Kind; place: string };

/** What a test does to the two before the move begins; in place of what would happen otherwise. */
export type Interference = {
  source?(source: MoveSource): Partial<MoveSource>;
  target?(target: MoveTarget): Partial<MoveTarget>;
};

/** Moves everything, as the command does. */
export async function moveAll(from: Place, to: Place, interference: Interference = {}): Promise<MoveReport> {
  const opened: Content[] = [];
  try {
    const source = await from.kind.source(from.place);
    opened.push(source);
    const target = await to.kind.target(to.place);
    opened.push(target);
    return await move(
      { ...source, ...interference.source?.(source) },
      { ...target, ...interference.target?.(target) },
      { now: Date.now(), onJobs() {} },
    );
  } finally {
    for (const content of opened.reverse()) await content.close();
  }
}
