import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { ConfigError } from "../../errors.ts";

/** Append only: what has run on somebody's database is never edited. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE jobs (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     key TEXT NOT NULL UNIQUE,
     platform TEXT NOT NULL,
     lane TEXT NOT NULL,
     quota TEXT NOT NULL,
     payload TEXT NOT NULL,
     progress TEXT NOT NULL DEFAULT '{}',
     state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'working', 'done', 'dead')),
     is_first INTEGER NOT NULL, -- 1: no unsettled job stands before it in its lane
     attempts INTEGER NOT NULL DEFAULT 0,
     accepted_at INTEGER NOT NULL,
     next_attempt_at INTEGER NOT NULL,
     lease TEXT,
     lease_until INTEGER,
     settled_at INTEGER,
     outcome TEXT,
     last_error TEXT
   ) STRICT;
   CREATE INDEX jobs_due ON jobs (next_attempt_at, seq) WHERE state = 'waiting' AND is_first = 1;
   CREATE INDEX jobs_in_lane ON jobs (lane, seq) WHERE state IN ('waiting', 'working');
   CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'working';
   CREATE INDEX jobs_settled ON jobs (settled_at) WHERE settled_at IS NOT NULL;
   CREATE TABLE installations (
     license_id INTEGER PRIMARY KEY,
     bot_id TEXT NOT NULL,
     secret_fingerprint TEXT NOT NULL UNIQUE,
     credentials BLOB NOT NULL,
     obtained_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     bot_is_current INTEGER NOT NULL,
     needs_reinstall INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE write_check (id INTEGER PRIMARY KEY CHECK (id = 1), checked_at INTEGER NOT NULL) STRICT;`,
  // Empty: not known, for installations from before.
  "ALTER TABLE installations ADD COLUMN webhook_url TEXT NOT NULL DEFAULT '';",
  // Counted as they change: counting a million of them takes half a second in which nothing else is done.
  `CREATE TABLE job_counts (state TEXT PRIMARY KEY, jobs INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   INSERT INTO job_counts
     SELECT column1, (SELECT count(*) FROM jobs WHERE state = column1)
     FROM (VALUES ('waiting'), ('working'), ('done'), ('dead'));
   CREATE TRIGGER jobs_added AFTER INSERT ON jobs BEGIN
     UPDATE job_counts SET jobs = jobs + 1 WHERE state = new.state;
   END;
   CREATE TRIGGER jobs_moved AFTER UPDATE OF state ON jobs WHEN old.state <> new.state BEGIN
     UPDATE job_counts SET jobs = jobs - 1 WHERE state = old.state;
     UPDATE job_counts SET jobs = jobs + 1 WHERE state = new.state;
   END;
   CREATE TRIGGER jobs_removed AFTER DELETE ON jobs BEGIN
     UPDATE job_counts SET jobs = jobs - 1 WHERE state = old.state;
   END;
   CREATE INDEX jobs_dead ON jobs (seq) WHERE state = 'dead';`,
  // Pauses that platforms have asked for, and which process has a job in hand.
  `CREATE TABLE holds (
     quota TEXT NOT NULL,
     reason TEXT NOT NULL,
     pause_ms INTEGER NOT NULL,
     set_at INTEGER NOT NULL,
     ends_at INTEGER NOT NULL,
     PRIMARY KEY (quota, reason)
   ) STRICT, WITHOUT ROWID;
   ALTER TABLE jobs ADD COLUMN leased_by TEXT;`,
  // Who may change an installation now: the server or a command beside it.
  `ALTER TABLE installations ADD COLUMN bot_is_gone INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE installation_leases (
     license_id INTEGER PRIMARY KEY,
     owner TEXT NOT NULL,
     lease_ms INTEGER NOT NULL,
     lease_until INTEGER NOT NULL
   ) STRICT;`,
  // What is settled lives apart, so that what waits stays small; quotas with something due take turns.
  `CREATE TABLE settled (
     seq INTEGER PRIMARY KEY,
     key TEXT NOT NULL UNIQUE,
     platform TEXT NOT NULL,
     lane TEXT NOT NULL,
     quota TEXT NOT NULL,
     payload TEXT NOT NULL,
     progress TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('done', 'dead')),
     attempts INTEGER NOT NULL,
     accepted_at INTEGER NOT NULL,
     settled_at INTEGER NOT NULL,
     outcome TEXT,
     last_error TEXT
   ) STRICT;
   INSERT INTO settled
     SELECT seq, key, platform, lane, quota, payload, progress, state, attempts, accepted_at,
            coalesce(settled_at, accepted_at), outcome, last_error
     FROM jobs WHERE state IN ('done', 'dead') ORDER BY seq;
   CREATE INDEX settled_by_state ON settled (state, settled_at, seq);
   DROP TRIGGER jobs_added;
   DROP TRIGGER jobs_moved;
   DROP TRIGGER jobs_removed;
   ALTER TABLE jobs RENAME TO all_jobs;
   CREATE TABLE jobs (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     key TEXT NOT NULL UNIQUE,
     platform TEXT NOT NULL,
     lane TEXT NOT NULL,
     quota TEXT NOT NULL,
     payload TEXT NOT NULL,
     progress TEXT NOT NULL DEFAULT '{}',
     state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'working')),
     is_first INTEGER NOT NULL, -- 1: no job stands before it in its lane
     attempts INTEGER NOT NULL DEFAULT 0,
     accepted_at INTEGER NOT NULL,
     next_attempt_at INTEGER NOT NULL,
     lease TEXT,
     lease_until INTEGER,
     leased_by TEXT,
     last_error TEXT
   ) STRICT;
   INSERT INTO sqlite_sequence (name, seq) SELECT 'jobs', seq FROM sqlite_sequence WHERE name = 'all_jobs';
   INSERT INTO jobs
     SELECT seq, key, platform, lane, quota, payload, progress, state, is_first, attempts, accepted_at,
            next_attempt_at, lease, lease_until, leased_by, last_error
     FROM all_jobs WHERE state IN ('waiting', 'working') ORDER BY seq;
   DROP TABLE all_jobs;
   CREATE INDEX jobs_due ON jobs (quota, next_attempt_at, seq) WHERE state = 'waiting' AND is_first = 1;
   CREATE INDEX jobs_in_lane ON jobs (lane, seq);
   CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'working';
   CREATE TABLE turns (
     quota TEXT PRIMARY KEY,
     platform TEXT NOT NULL,
     turn INTEGER NOT NULL -- in microseconds since 1970, so that turns of one millisecond have an order
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX turns_in_order ON turns (platform, turn);
   INSERT INTO turns
     SELECT quota, platform, min(next_attempt_at) * 1000 FROM jobs WHERE state = 'waiting' AND is_first = 1 GROUP BY quota;
   CREATE TRIGGER jobs_added AFTER INSERT ON jobs BEGIN
     UPDATE job_counts SET jobs = jobs + 1 WHERE state = new.state;
   END;
   CREATE TRIGGER jobs_moved AFTER UPDATE OF state ON jobs WHEN old.state <> new.state BEGIN
     UPDATE job_counts SET jobs = jobs - 1 WHERE state = old.state;
     UPDATE job_counts SET jobs = jobs + 1 WHERE state = new.state;
   END;
   CREATE TRIGGER jobs_removed AFTER DELETE ON jobs BEGIN
     UPDATE job_counts SET jobs = jobs - 1 WHERE state = old.state;
   END;
   CREATE TRIGGER settled_added AFTER INSERT ON settled BEGIN
     UPDATE job_counts SET jobs = jobs + 1 WHERE state = new.state;
   END;
   CREATE TRIGGER settled_removed AFTER DELETE ON settled BEGIN
     UPDATE job_counts SET jobs = jobs - 1 WHERE state = old.state;
   END;`,
  // To see whether there is room for as much as a delivery.
  "ALTER TABLE write_check ADD COLUMN filling BLOB NOT NULL DEFAULT x'';",
];

const versionRow = z.object({ user_version: z.number() });

function versionOf(db: DatabaseSync): number {
  return versionRow.parse(db.prepare("PRAGMA user_version").get()).user_version;
}

/** Throws ConfigError when a newer release of the server has written the database. */
export function verifyVersion(db: DatabaseSync, path: string): void {
  const version = versionOf(db);
  if (version <= MIGRATIONS.length) return;
  throw new ConfigError(
    `DATABASE_URL: the database ${path} has version ${version}, and this release knows versions up to ${MIGRATIONS.length}: a newer release has written it. Start that one, or name another file in DATABASE_URL.`,
  );
}

/** Whether no release has ever written the database. */
export function isNew(db: DatabaseSync): boolean {
  return versionOf(db) === 0;
}

/** Whether the database lacks the newest shape. */
export function isBehind(db: DatabaseSync): boolean {
  return versionOf(db) < MIGRATIONS.length;
}

/** Brings the database to the newest shape. Several processes may do so at once: each step is run by one of them. */
export function migrate(db: DatabaseSync): void {
  for (const [version, migration] of MIGRATIONS.entries()) {
    if (versionOf(db) > version) continue;
    db.exec("BEGIN IMMEDIATE");
    if (versionOf(db) === version) db.exec(`${migration} PRAGMA user_version = ${version + 1};`);
    db.exec("COMMIT");
  }
}
