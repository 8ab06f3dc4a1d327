import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ConfigError, sentenceOf } from "../../errors.ts";
import { createCipher } from "../../secrets.ts";
import type { Store } from "../store.ts";
import { createCommits } from "./commits.ts";
import { createInbox } from "./inbox.ts";
import { createInstallations } from "./installations.ts";
import { migrate } from "./migrations.ts";

export type SqliteOptions = {
  /** Path of the database file; its folder is made where it is missing. */
  path: string;
  /** What credentials are encrypted with; null where there are none to keep. */
  encryptionSecret: string | null;
};

/**
 * Opens the store in a SQLite file that only this user can read (folder 0700, file 0600).
 * Throws ConfigError, with what to do, when the file cannot be used.
 */
export function openSqliteStore({ path, encryptionSecret }: SqliteOptions): Store {
  const db = openDatabase(path);
  const commits = createCommits(db);
  const check = db.prepare("INSERT OR REPLACE INTO write_check (id, checked_at) VALUES (1, ?)");
  return {
    inbox: createInbox(db, commits),
    installations: createInstallations(
      db,
      commits,
      encryptionSecret === null ? null : createCipher(encryptionSecret),
    ),
    check: async () => {
      await commits.write(() => check.run(Date.now()));
    },
    close: async () => {
      // Whatever still waits for the next commit is written first.
      await commits.write(() => {});
      db.close();
    },
  };
}

function openDatabase(path: string): DatabaseSync {
  try {
    makePrivate(path);
    const db = new DatabaseSync(path, { timeout: 5000 });
    // FULL: a commit has reached the disk itself, not just the operating system, before it returns.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    migrate(db);
    return db;
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(`DATABASE_URL: the database ${path} cannot be used: ${sentenceOf(cause)}.`, {
      cause,
    });
  }
}

/** SQLite gives the files that it puts beside the database the same permissions. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}
