import type { DatabaseSync } from "node:sqlite";
import { createCipher } from "../../secrets.ts";
import type { Store } from "../store.ts";
import { createCommits } from "./commits.ts";
import { createDesk } from "./desk.ts";
import { createInbox } from "./inbox.ts";
import { createInstallations } from "./installations.ts";
import { openDatabase, openServerDatabase } from "./open.ts";
import { forgetOwner } from "./owner.ts";
import { sameFile } from "./same-file.ts";

export { type BackupReport, backUpDatabase } from "./backup.ts";

export type SqliteOptions = {
  /** Path of the database file; its folder is made where it is missing. */
  path: string;
  /** What credentials are encrypted with; null where there are none to keep. */
  encryptionSecret: string | null;
};

/** The store of the one server on this file. Throws ConfigError, with what to do, when the file cannot be used. */
export function openServerStore({ path, encryptionSecret }: SqliteOptions): Store {
  const { db, real, unlock } = openServerDatabase(path);
  const store = createSqliteStore(db, encryptionSecret, sameFile(real), () => forgetOwner(db));
  return { ...store, close: () => store.close().finally(unlock) };
}

/** The same store for somebody beside the server. Throws ConfigError. */
export function openSqliteStore({ path, encryptionSecret }: SqliteOptions): Store {
  return createSqliteStore(openDatabase(path), encryptionSecret);
}

/** The store over a database that was opened before. */
export function createSqliteStore(
  db: DatabaseSync,
  encryptionSecret: string | null,
  checkFile: () => void = () => {},
  atClose: () => void = () => {},
): Store {
  const commits = createCommits(db, checkFile);
  const cipher = encryptionSecret === null ? null : createCipher(encryptionSecret);
  const check = db.prepare("INSERT OR REPLACE INTO write_check (id, checked_at) VALUES (1, ?)");
  return {
    inbox: createInbox(db, commits),
    desk: createDesk(db, commits),
    installations: createInstallations(db, commits, cipher),
    check: async () => {
      await commits.write(() => check.run(Date.now()));
    },
    close: async () => {
      // What still waits is written first; that it cannot be is its own caller's to hear.
      await commits.settled();
      atClose();
      db.close();
    },
  };
}
