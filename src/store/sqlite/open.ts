import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { ConfigError, sentenceOf } from "../../errors.ts";
import { prepareDatabaseFile } from "./database-file.ts";
import { adviceOnWrite, damage, howToRestore, isBusy, isDamage } from "./failures.ts";
import { verifyNotMarked } from "./marks.ts";
import { isBehind, isNew, migrate, verifyVersion } from "./migrations/index.ts";
import {
  isAlone,
  type Lock,
  lockDatabase,
  olderAndOpen,
  olderServer,
  otherServer,
  recordOwner,
  runningOwner,
} from "./server-lock.ts";

/** How long opening waits for another program's lock. The process does nothing else meanwhile. */
const OPENING_PATIENCE_MS = 5000;

export type ServerDatabase = {
  db: DatabaseSync;
  /** The real path of its file. */
  real: string;
  /** Releases the server lock. Call it after closing the connection. */
  unlock: () => void;
};

export type OpenOptions = {
  /** Called once the database is migrated. */
  prepare?: (db: DatabaseSync) => void;
  /** True: opens it even if it takes part in a move. */
  mayBeMarked?: boolean;
};

/**
 * Opens the database file for the one server on it, creates it if missing, and migrates it. Throws ConfigError, with what
 * to do. Nothing is changed before it is certain that no other server runs:
 *
 * 1. Nobody else holds the lock file.
 * 2. The lock file can be deleted, so SQLite's own locks tell whether anybody has the database open.
 * 3. If somebody has, it may be a command, so the server that is named in the database must not be running.
 * 4. The first releases wrote no name, so their databases are not changed while anybody has them open.
 *
 * A database that was moved elsewhere is refused.
 */
export function openServerDatabase(
  path: string,
  { prepare = () => {}, mayBeMarked = false }: OpenOptions = {},
): ServerDatabase {
  return explained(path, (real) => {
    const lock = lockDatabase(real);
    if (lock === null) throw otherServer(path, null);
    try {
      const nobodyElse = isAlone(real);
      const db = connect(real);
      return closedOnFailure(db, () => {
        checkIntegrity(db);
        verifyVersion(db, path);
        if (!mayBeMarked) verifyNotMarked(db, path);
        inTransaction(db, () => {
          if (!nobodyElse) verifyNoServer(db, path, lock);
          recordOwner(db, lock);
        });
        migrate(db);
        inTransaction(db, () => prepare(db));
        // From here on, the index of the log tells which changes of the file are SQLite's own.
        db.exec("PRAGMA wal_checkpoint(PASSIVE)");
        return { db, real, unlock: lock.release };
      });
    } catch (error) {
      lock.release();
      throw error;
    }
  });
}

/** Call this only if another connection is open. Throws ConfigError. */
function verifyNoServer(db: DatabaseSync, path: string, lock: Lock): void {
  const owner = runningOwner(db, lock);
  if (owner !== null) throw otherServer(path, owner);
  if (!isNew(db) && isBehind(db)) throw olderAndOpen(path);
}

/**
 * Opens the database file for a command beside the server, and creates it if missing. It is migrated unless a server of an
 * older release may be running on it. Throws ConfigError, with what to do.
 */
export function openDatabase(path: string): DatabaseSync {
  return explained(path, (real) => {
    const db = connect(real);
    const isOld = closedOnFailure(db, () => {
      checkIntegrity(db);
      verifyVersion(db, path);
      verifyNotMarked(db, path);
      // No server has ever started on a new database, so migrating it disturbs none.
      if (isNew(db)) migrate(db);
      return isBehind(db);
    });
    if (!isOld) return db;
    // Closed first, or our own connection would hide whether anybody else has the file open.
    db.close();
    migrateAlone(path, real);
    return connect(real);
  });
}

/** Calls `work` with a connection, without migrating. Throws ConfigError. */
export function withDatabaseAsItIs<T>(path: string, work: (db: DatabaseSync, real: string) => T): T {
  return explained(path, (real) => {
    const db = connect(real);
    try {
      return work(db, real);
    } finally {
      db.close();
    }
  });
}

function migrateAlone(path: string, real: string): void {
  const lock = lockDatabase(real);
  if (lock === null) throw olderServer(path);
  try {
    const nobodyElse = isAlone(real);
    const db = connect(real);
    try {
      if (!nobodyElse) throw runningOwner(db, lock) === null ? olderAndOpen(path) : olderServer(path);
      migrate(db);
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
}

function connect(real: string): DatabaseSync {
  const db = new DatabaseSync(real, { timeout: OPENING_PATIENCE_MS });
  return closedOnFailure(db, () => {
    // FULL: a commit returns only once it is on the disk itself, not just with the operating system.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    return db;
  });
}

function closedOnFailure<T>(db: DatabaseSync, work: () => T): T {
  try {
    return work();
  } catch (error) {
    db.close();
    throw error;
  }
}

function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec("BEGIN IMMEDIATE");
  work();
  db.exec("COMMIT");
}

const checkRow = z.object({ quick_check: z.string() });

/** Throws as SQLite does for a damaged database. */
export function checkIntegrity(db: DatabaseSync): void {
  const { quick_check: result } = checkRow.parse(db.prepare("PRAGMA quick_check(1)").get());
  if (result !== "ok") throw damage(result.replace(/^\*\*\*.*\*\*\*\s*/, "").replace(/\s+/g, " "));
}

/** Does the work with the file's real path, and turns a failure into a ConfigError. */
function explained<T>(path: string, work: (real: string) => T): T {
  let real = path;
  try {
    real = prepareDatabaseFile(path);
    return work(real);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(complaint(path, real, cause), { cause });
  }
}

function complaint(path: string, real: string, cause: unknown): string {
  if (isDamage(cause)) {
    return (
      `DATABASE_URL: the database ${path} is damaged (${sentenceOf(cause)}). To restore a backup, ${howToRestore(real)}. ` +
      "If you have no backup, move the three files away and start with an empty database. Waiting jobs are then lost, and the Pizza BOT must be installed again."
    );
  }
  if (isBusy(cause)) {
    return `DATABASE_URL: another program has kept the database ${path} locked for ${OPENING_PATIENCE_MS / 1000} s. End it (an open transaction in sqlite3, perhaps, or a backup tool), then start again.`;
  }
  return `DATABASE_URL: the database ${path} cannot be used: ${sentenceOf(cause)}.${adviceOnWrite(cause)}`;
}
