/** Those from the table for settled jobs up to the last that knew only chat.io's licenses. Complete: never edited. */
export const SETTLED_JOBS: readonly string[] = [
  // Settled jobs get a table of their own, so that the table of waiting jobs stays small; quotas take turns.
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
  // Which installations are due, and how many are in which state, without reading each. `care_at` is computed from the
  // row, so it is never out of date; platforms/keyword-bot/lifetime.ts has the same rule, with reasons.
  `ALTER TABLE installations ADD COLUMN sealed_with TEXT NOT NULL DEFAULT ''; -- id of the key; empty: not looked at
   ALTER TABLE installations ADD COLUMN care_at INTEGER GENERATED ALWAYS AS (
     CASE
       WHEN bot_is_current = 0 OR expires_at <= obtained_at OR expires_at > obtained_at + 34560000000
         OR obtained_at < 0 OR obtained_at > 8640000000000000 THEN 0
       ELSE obtained_at + ((expires_at - obtained_at) * (16000 - obtained_at % 1000) + 19999) / 20000
     END) VIRTUAL;
   CREATE INDEX installations_due ON installations (sealed_with, care_at, license_id) WHERE needs_reinstall = 0;
   CREATE INDEX installations_obtained ON installations (sealed_with, obtained_at, license_id) WHERE needs_reinstall = 0;
   CREATE INDEX installations_expiring ON installations (sealed_with, expires_at) WHERE needs_reinstall = 0;
   CREATE INDEX installations_working ON installations (sealed_with, license_id) WHERE needs_reinstall = 0;
   CREATE TABLE installation_counts (
     needs_reinstall INTEGER NOT NULL,
     sealed_with TEXT NOT NULL,
     webhook_url TEXT NOT NULL,
     installations INTEGER NOT NULL,
     PRIMARY KEY (needs_reinstall, sealed_with, webhook_url)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO installation_counts
     SELECT needs_reinstall <> 0, sealed_with, webhook_url, count(*) FROM installations GROUP BY 1, 2, 3;
   CREATE TRIGGER installations_added AFTER INSERT ON installations BEGIN
     INSERT INTO installation_counts VALUES (new.needs_reinstall <> 0, new.sealed_with, new.webhook_url, 1)
       ON CONFLICT DO UPDATE SET installations = installations + 1;
   END;
   CREATE TRIGGER installations_moved AFTER UPDATE OF needs_reinstall, sealed_with, webhook_url ON installations
     WHEN (old.needs_reinstall <> 0, old.sealed_with, old.webhook_url)
       <> (new.needs_reinstall <> 0, new.sealed_with, new.webhook_url)
   BEGIN
     UPDATE installation_counts SET installations = installations - 1
       WHERE needs_reinstall = (old.needs_reinstall <> 0) AND sealed_with = old.sealed_with
         AND webhook_url = old.webhook_url;
     INSERT INTO installation_counts VALUES (new.needs_reinstall <> 0, new.sealed_with, new.webhook_url, 1)
       ON CONFLICT DO UPDATE SET installations = installations + 1;
     DELETE FROM installation_counts WHERE installations = 0;
   END;
   CREATE TRIGGER installations_removed AFTER DELETE ON installations BEGIN
     UPDATE installation_counts SET installations = installations - 1
       WHERE needs_reinstall = (old.needs_reinstall <> 0) AND sealed_with = old.sealed_with
         AND webhook_url = old.webhook_url;
     DELETE FROM installation_counts WHERE installations = 0;
   END;`,
  // The last attempts of a job, as job-rows.ts writes them.
  `ALTER TABLE jobs ADD COLUMN history TEXT NOT NULL DEFAULT '[]';
   ALTER TABLE settled ADD COLUMN history TEXT NOT NULL DEFAULT '[]';`,
  // Jobs are also counted by platform.
  `CREATE TABLE counts (
     state TEXT NOT NULL, platform TEXT NOT NULL, jobs INTEGER NOT NULL, PRIMARY KEY (state, platform)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO counts
     SELECT state, platform, count(*) FROM jobs GROUP BY state, platform
     UNION ALL SELECT state, platform, count(*) FROM settled GROUP BY state, platform;
   DROP TRIGGER jobs_added;
   DROP TRIGGER jobs_moved;
   DROP TRIGGER jobs_removed;
   DROP TRIGGER settled_added;
   DROP TRIGGER settled_removed;
   DROP TABLE job_counts;
   ALTER TABLE counts RENAME TO job_counts;
   CREATE TRIGGER jobs_added AFTER INSERT ON jobs BEGIN
     INSERT INTO job_counts VALUES (new.state, new.platform, 1) ON CONFLICT DO UPDATE SET jobs = jobs + 1;
   END;
   CREATE TRIGGER jobs_moved AFTER UPDATE OF state ON jobs WHEN old.state <> new.state BEGIN
     UPDATE job_counts SET jobs = jobs - 1 WHERE state = old.state AND platform = old.platform;
     INSERT INTO job_counts VALUES (new.state, new.platform, 1) ON CONFLICT DO UPDATE SET jobs = jobs + 1;
   END;
   CREATE TRIGGER jobs_removed AFTER DELETE ON jobs BEGIN
     UPDATE job_counts SET jobs = jobs - 1 WHERE state = old.state AND platform = old.platform;
   END;
   CREATE TRIGGER settled_added AFTER INSERT ON settled BEGIN
     INSERT INTO job_counts VALUES (new.state, new.platform, 1) ON CONFLICT DO UPDATE SET jobs = jobs + 1;
   END;
   CREATE TRIGGER settled_removed AFTER DELETE ON settled BEGIN
     UPDATE job_counts SET jobs = jobs - 1 WHERE state = old.state AND platform = old.platform;
   END;`,
  // How often a command has said that something outside the database has changed.
  `CREATE TABLE news (id INTEGER PRIMARY KEY CHECK (id = 1), told INTEGER NOT NULL) STRICT;
   INSERT INTO news VALUES (1, 0);`,
  // To check that there is room for as much as a delivery.
  "ALTER TABLE write_check ADD COLUMN filling BLOB NOT NULL DEFAULT x'';",
];
