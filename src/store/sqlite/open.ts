import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { ConfigError, sentenceOf } from "../../errors.ts";
import { isAlone, type Lock, lockDatabase } from "./lock.ts";
import { isBehind, isNew, migrate, verifyVersion } from "./migrations.ts";
import { olderAndOpen, olderServer, otherServer } from "./other-server.ts";
import { recordOwner, runningOwner } from "./owner.ts";
import { preparePlace } from "./place.ts";
import { howToRestore } from "./restoring.ts";
import { damage, isBusy, isDamage } from "./result-codes.ts";

/** How long opening waits for a lock that another program holds, in ms. Nothing else is done meanwhile. */
const PATIENCE_MS = 5000;

export type ServerDatabase = {
  db: DatabaseSync;
  /** The real path of its file. */
  real: string;
  /** Lets another server start; to be called after the connection was closed. */
  unlock: () => void;
};

/**
 * Opens the database file for the one server on it, made where it is missing, and brings it to the newest shape. Nothing
 * is changed before it is certain that no other server runs: first by the lock file, then, since that can be deleted, by the
 * locks on the database file itself and, where some connection is open, by the server that the database names; the first
 * releases name none, so their databases are not changed while anybody has them open. Throws ConfigError, with what to do.
 *
 * @param prepare called once the database has the newest shape
 */
export function openServerDatabase(
  path: string,
  prepare: (db: DatabaseSync) => void = () => {},
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
        inTransaction(db, () => {
          if (!nobodyElse) verifyNoServer(db, path, lock);
          recordOwner(db, lock);
        });
        migrate(db);
        inTransaction(db, () => prepare(db));
        // So that it is known from the start which changes of the file are SQLite's own.
        db.exec("PRAGMA wal_checkpoint(PASSIVE)");
        return { db, real, unlock: lock.release };
      });
    } catch (error) {
      lock.release();
      throw error;
    }
  });
}

/** To be asked where another connection is open. */
function verifyNoServer(db: DatabaseSync, path: string, lock: Lock): void {
  const owner = runningOwner(db, lock);
  if (owner !== null) throw otherServer(path, owner);
  if (!isNew(db) && isBehind(db)) throw olderAndOpen(path);
}

/**
 * Opens the database file for somebody beside the server, made where it is missing. It is brought to the newest shape
 * unless a server of an older release may be running on it. Throws ConfigError, with what to do.
 */
export function openDatabase(path: string): DatabaseSync {
  return explained(path, (real) => {
    const db = connect(real);
    const isOld = closedOnFailure(db, () => {
      checkIntegrity(db);
      verifyVersion(db, path);
      // No server has ever started on a new one, so there is none to be disturbed.
      if (isNew(db)) migrate(db);
      return isBehind(db);
    });
    if (!isOld) return db;
    // Closed first: whether anybody else has the file open could not be seen otherwise.
    db.close();
    migrateAlone(path, real);
    return connect(real);
  });
}

/** Lends the work a connection to the database as it is, whatever its version. Throws ConfigError. */
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
  const db = new DatabaseSync(real, { timeout: PATIENCE_MS });
  return closedOnFailure(db, () => {
    // FULL: a commit has reached the disk itself, not just the operating system, before it returns.
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

/** Throws what SQLite throws for a damaged database. */
export function checkIntegrity(db: DatabaseSync): void {
  const { quick_check: result } = checkRow.parse(db.prepare("PRAGMA quick_check(1)").get());
  if (result !== "ok") throw damage(result.replace(/^\*\*\*.*\*\*\*\s*/, "").replace(/\s+/g, " "));
}

/** Runs the work with the file's real path, and turns its failure into a sentence. */
function explained<T>(path: string, work: (real: string) => T): T {
  let real = path;
  try {
    real = preparePlace(path);
    return work(real);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(complaint(path, real, cause), { cause });
  }
}

function complaint(path: string, real: string, cause: unknown): string {
  if (isDamage(cause)) {
    return (
      `DATABASE_URL: the database ${path} is damaged (${sentenceOf(cause)}). To go on with a backup, ${howToRestore(real)}. ` +
      `Without a backup, move those three files all the same, to start with an empty database: then jobs that waited in it are lost, and the Pizza BOT has to be installed again.`
    );
  }
  if (isBusy(cause)) {
    return `DATABASE_URL: another program has kept the database ${path} locked for ${PATIENCE_MS / 1000} s. End it (an open transaction in sqlite3, perhaps, or a backup tool), then start again.`;
  }
  return `DATABASE_URL: the database ${path} cannot be used: ${sentenceOf(cause)}.`;
}
