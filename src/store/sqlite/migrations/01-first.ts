/** Those from the first release up to the one that gave settled jobs a table of their own. Complete: never edited. */
export const FIRST: readonly string[] = [
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
  // Empty: not known, for earlier installations.
  "ALTER TABLE installations ADD COLUMN webhook_url TEXT NOT NULL DEFAULT '';",
  // Counted as they change: counting a million jobs would block the process for half a second.
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
  // Pauses that platforms asked for, and which process has a job in hand.
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
];
