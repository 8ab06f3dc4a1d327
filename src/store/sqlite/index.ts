import type { DatabaseSync } from "node:sqlite";
import type { PlatformName } from "../../job.ts";
import type { Log } from "../../log.ts";
import { createCipher } from "../../secrets.ts";
import type { Installations, Store } from "../store.ts";
import { createCommits, reading } from "./commits.ts";
import { createDesk } from "./desk.ts";
import { createHolds } from "./holds.ts";
import { createInbox } from "./inbox.ts";
import { type CipherOf, createAllInstallations } from "./installations.ts";
import { createNews } from "./news.ts";
import { openDatabase, openServerDatabase } from "./open.ts";
import { forgetOwner } from "./owner.ts";
import { rekey } from "./rekey.ts";
import { watchFiles } from "./same-file.ts";
import { createTurns } from "./turns.ts";

export { type BackupReport, backUpDatabase } from "./backup.ts";

export type SqliteOptions = {
  /** Path of the database file; its folder is made where it is missing. */
  path: string;
  /** What a platform's credentials are encrypted with, and then what they may have been before; none where none are kept. */
  encryptionSecretsOf: (platform: PlatformName) => readonly string[];
};

/** The store of the one server on this file. Throws ConfigError, with what to do, when the file cannot be used. */
export function openServerStore({ path, encryptionSecretsOf, log }: SqliteOptions & { log?: Log }): Store {
  const cipherOf = createCiphers(encryptionSecretsOf);
  const { db, real, unlock } = openServerDatabase(path, (opened) => rekey(opened, cipherOf));
  const watch = watchFiles(real, () => db.exec("PRAGMA wal_checkpoint(PASSIVE)"));
  const verifyFiles = aloud(watch.verify, log);
  const store = createSqliteStore(db, cipherOf, {
    verifyFiles,
    atClose: () => forgetOwner(db),
    // Closed, SQLite would copy its log into a file that somebody else has written.
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

/** The same store for somebody beside the server. Throws ConfigError. */
export function openSqliteStore({ path, encryptionSecretsOf }: SqliteOptions): Store {
  return createSqliteStore(openDatabase(path), createCiphers(encryptionSecretsOf));
}

function verified(installations: Installations, verifyFiles: () => void): Installations {
  return {
    ...installations,
    async findByLookup(lookup) {
      const found = await installations.findByLookup(lookup);
      // A delivery of an unknown account is refused for good, which has to be true.
      if (found === null) reading(verifyFiles);
      return found;
    },
  };
}

function createCiphers(secretsOf: SqliteOptions["encryptionSecretsOf"]): CipherOf {
  const made = new Map<PlatformName, ReturnType<CipherOf>>();
  return (platform) => {
    const known = made.get(platform);
    if (known !== undefined) return known;
    const [secret, ...earlier] = secretsOf(platform);
    const cipher = secret === undefined ? null : createCipher(secret, earlier);
    made.set(platform, cipher);
    return cipher;
  };
}

export type Surroundings = {
  /** Throws when what is written would not be found again. */
  verifyFiles: () => void;
  /** Called just before the connection is closed. */
  atClose: () => void;
  /** False: the connection is left to the end of the process. */
  mayClose: () => boolean;
};

const NOTHING_AROUND: Surroundings = { verifyFiles: () => {}, atClose: () => {}, mayClose: () => true };

/** The store over a database that was opened before. */
export function createSqliteStore(
  db: DatabaseSync,
  cipherOf: CipherOf,
  { verifyFiles, atClose, mayClose }: Surroundings = NOTHING_AROUND,
): Store {
  const commits = createCommits(db, verifyFiles);
  const turns = createTurns(db);
  const check = db.prepare(
    "INSERT OR REPLACE INTO write_check (id, checked_at, filling) VALUES (1, ?, zeroblob(?))",
  );
  return {
    inbox: createInbox(db, commits, turns),
    desk: createDesk(db, commits, turns),
    installations: createAllInstallations(db, commits, cipherOf),
    holds: createHolds(db, commits, turns),
    news: createNews(db, commits),
    check: async (bytes = 0) => {
      await commits.write(() => check.run(Date.now(), bytes));
    },
    close: async () => {
      // What still waits is written first; that it cannot be is its own caller's to hear.
      await commits.settled();
      if (mayClose()) {
        atClose();
        db.close();
      }
    },
  };
}

/** The same check, which tells the log when it begins to fail, and when it no longer does. */
function aloud(verify: () => void, log: Log | undefined): () => void {
  let said: string | null = null;
  return () => {
    try {
      verify();
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      if (sentence !== said) log?.error(`Nothing can be kept any more: ${sentence}.`);
      said = sentence;
      throw error;
    }
    if (said !== null) log?.info("The database is where it was; deliveries are kept again.");
    said = null;
  };
}
