import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { Log } from "../../log.ts";
import { type CipherOf, createCiphers, type EncryptionSecretsOf } from "../credentials.ts";
import { createMinuteCounts, createOnlyServer } from "../only-server.ts";
import type { Installations, News, Store } from "../store.ts";
import { createWriteCheck } from "../write-check.ts";
import { type Commits, createCommits, reading } from "./commits.ts";
import { createDesk } from "./desk.ts";
import { createFindings } from "./findings.ts";
import { createHolds } from "./holds.ts";
import { createInbox } from "./inbox.ts";
import { createAllInstallations } from "./installations.ts";
import { openDatabase, openServerDatabase } from "./open.ts";
import { rekey } from "./rekey.ts";
import { watchFiles } from "./same-file.ts";
import { forgetOwner } from "./server-lock.ts";
import { createTurns } from "./turns.ts";

export { type BackupReport, backUpDatabase } from "./backup.ts";
export { openMoveSource, openMoveTarget, reopenMoved } from "./transfer.ts";

export type SqliteOptions = {
  /** Path of the database file; a missing folder is created. */
  path: string;
  encryptionSecretsOf: EncryptionSecretsOf;
};

/** The store of the one server on this file. Throws ConfigError, with what to do, if the file cannot be used. */
export function openServerStore({ path, encryptionSecretsOf, log }: SqliteOptions & { log?: Log }): Store {
  const cipherOf = createCiphers(encryptionSecretsOf);
  const { db, real, unlock } = openServerDatabase(path, {
    prepare: (opened) => rekey(opened, cipherOf),
  });
  const watch = watchFiles(real, () => db.exec("PRAGMA wal_checkpoint(PASSIVE)"));
  const verifyFiles = logged(watch.verify, log);
  const store = createSqliteStore(db, cipherOf, {
    verifyFiles,
    atClose: () => forgetOwner(db),
    // On closing, SQLite would copy its log into a file that somebody else wrote.
    mayClose: () => watch.broken() === null,
  });
  const { installations } = store;
  return {
    ...store,
    installations: { ...installations, of: (platform) => verified(installations.of(platform), verifyFiles) },
    async close() {
      await store.close();
      watch.close();
      unlock();
    },
  };
}

/** The same store for a command beside the server. Throws ConfigError. */
export function openSqliteStore({ path, encryptionSecretsOf }: SqliteOptions): Store {
  return createSqliteStore(openDatabase(path), createCiphers(encryptionSecretsOf));
}

function verified(installations: Installations, verifyFiles: () => void): Installations {
  return {
    ...installations,
    async findByLookup(lookup) {
      const found = await installations.findByLookup(lookup);
      // A delivery of an unknown account is refused for good, so it must be certain that it is unknown.
      if (found === null) reading(verifyFiles);
      return found;
    },
  };
}

export type Surroundings = {
  /** Throws if whatever is written would be lost. */
  verifyFiles: () => void;
  /** Called just before the connection is closed. */
  atClose: () => void;
  /** False: the connection stays open until the process ends. */
  mayClose: () => boolean;
};

const NOTHING_AROUND: Surroundings = { verifyFiles: () => {}, atClose: () => {}, mayClose: () => true };

/** The store over an open database. */
export function createSqliteStore(
  db: DatabaseSync,
  cipherOf: CipherOf,
  { verifyFiles, atClose, mayClose }: Surroundings = NOTHING_AROUND,
): Store {
  const commits = createCommits(db, verifyFiles);
  const turns = createTurns(db);
  const fill = db.prepare(
    "INSERT OR REPLACE INTO write_check (id, checked_at, filling) VALUES (1, ?, zeroblob(?))",
  );
  return {
    ...createWriteCheck(createInbox(db, commits, turns), (bytes) =>
      commits.write(() => {
        fill.run(Date.now(), bytes);
      }),
    ),
    desk: createDesk(db, commits, turns),
    installations: createAllInstallations(db, commits, cipherOf),
    holds: createHolds(db, commits, turns),
    news: createNews(db, commits),
    servers: createOnlyServer(),
    findings: createFindings(db, commits),
    minutes: createMinuteCounts(),
    close: async () => {
      // Waiting writes come first; if one fails, its own caller is told.
      await commits.settled();
      if (mayClose()) {
        atClose();
        db.close();
      }
    },
  };
}

/** The same check, which logs when it begins to fail and when it no longer fails. */
function logged(verify: () => void, log: Log | undefined): () => void {
  let lastLogged: string | null = null;
  return () => {
    try {
      verify();
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      if (sentence !== lastLogged) log?.error(`Nothing can be kept any more: ${sentence}.`);
      lastLogged = sentence;
      throw error;
    }
    if (lastLogged !== null) log?.info("The database is back in its place; deliveries are kept again.");
    lastLogged = null;
  };
}

const toldRow = z.object({ told: z.number() });

function createNews(db: DatabaseSync, commits: Commits): News {
  const tell = db.prepare("UPDATE news SET told = told + 1");
  const count = db.prepare("SELECT told FROM news");
  return {
    tell: async () => {
      await commits.write(() => tell.run());
    },
    count: async () => reading(() => toldRow.parse(count.get()).told),
  };
}
