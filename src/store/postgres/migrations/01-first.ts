/**
 * The first release on PostgreSQL. Complete: never edited. Times are milliseconds since 1970, by the clock of the database.
 * Keys and lanes may be longer than an index of PostgreSQL takes, so they are found by their SHA-256.
 */
export const FIRST: readonly string[] = [
  `CREATE FUNCTION chatops.now_ms() RETURNS bigint LANGUAGE sql STABLE AS $$
     -- Tests set chatops.now_ms to stop the clock.
     SELECT coalesce(
       nullif(current_setting('chatops.now_ms', true), '')::bigint,
       (extract(epoch FROM statement_timestamp()) * 1000)::bigint)
   $$;

   CREATE TABLE chatops.jobs (
     seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order in which jobs were accepted
     key text NOT NULL,
     key_hash bytea NOT NULL UNIQUE,
     platform text NOT NULL,
     lane text NOT NULL,
     lane_hash bytea NOT NULL,
     quota text NOT NULL,
     payload text NOT NULL,
     progress text NOT NULL DEFAULT '{}',
     state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'working', 'done', 'dead')),
     is_first boolean NOT NULL, -- no unsettled job stands before it in its lane
     attempts integer NOT NULL DEFAULT 0,
     accepted_at bigint NOT NULL,
     next_attempt_at bigint NOT NULL,
     lease uuid, -- of the last attempt
     lease_until bigint,
     leased_by text,
     settled_at bigint,
     outcome text,
     last_error text,
     history text[] NOT NULL DEFAULT '{}'
   ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02);
   CREATE INDEX jobs_in_lane ON chatops.jobs (lane_hash, seq) WHERE state IN ('waiting', 'working');
   CREATE INDEX jobs_due ON chatops.jobs (quota, next_attempt_at, seq) WHERE state = 'waiting' AND is_first;
   CREATE INDEX jobs_waiting ON chatops.jobs (seq) WHERE state = 'waiting';
   CREATE INDEX jobs_leased ON chatops.jobs (lease_until) WHERE state = 'working';
   -- Settled jobs are written once, so indexes for lists cost little.
   CREATE INDEX jobs_settled ON chatops.jobs (state, settled_at, seq) WHERE state IN ('done', 'dead');
   CREATE INDEX jobs_settled_by_platform ON chatops.jobs (platform, state, settled_at, seq)
     WHERE state IN ('done', 'dead');
   CREATE INDEX jobs_settled_by_quota ON chatops.jobs (quota, state, settled_at, seq) WHERE state IN ('done', 'dead');

   -- When to look at a quota: turns.ts says how. Rows are only added and deleted.
   CREATE TABLE chatops.turns (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     platform text NOT NULL,
     quota text NOT NULL,
     turn bigint NOT NULL
   ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
   CREATE INDEX turns_in_order ON chatops.turns (platform, turn, id);
   CREATE INDEX turns_of_quota ON chatops.turns (quota);

   -- How many jobs there are: the sum of all rows. A server adds them up now and then. One row for each state would make
   -- all servers wait for each other.
   CREATE TABLE chatops.job_counts (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     state text NOT NULL,
     platform text NOT NULL,
     jobs bigint NOT NULL
   ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
   CREATE FUNCTION chatops.count_added_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     INSERT INTO chatops.job_counts (state, platform, jobs)
       SELECT state, platform, count(*) FROM added GROUP BY state, platform;
     RETURN NULL;
   END $$;
   CREATE FUNCTION chatops.count_removed_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     INSERT INTO chatops.job_counts (state, platform, jobs)
       SELECT state, platform, -count(*) FROM removed GROUP BY state, platform;
     RETURN NULL;
   END $$;
   CREATE FUNCTION chatops.count_moved_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     INSERT INTO chatops.job_counts (state, platform, jobs)
       SELECT state, platform, sum(jobs) FROM (
         SELECT state, platform, 1 AS jobs FROM added UNION ALL SELECT state, platform, -1 FROM removed) AS moved
       GROUP BY state, platform HAVING sum(jobs) <> 0;
     RETURN NULL;
   END $$;
   CREATE TRIGGER jobs_added AFTER INSERT ON chatops.jobs REFERENCING NEW TABLE AS added
     FOR EACH STATEMENT EXECUTE FUNCTION chatops.count_added_jobs();
   CREATE TRIGGER jobs_moved AFTER UPDATE ON chatops.jobs REFERENCING OLD TABLE AS removed NEW TABLE AS added
     FOR EACH STATEMENT EXECUTE FUNCTION chatops.count_moved_jobs();
   CREATE TRIGGER jobs_removed AFTER DELETE ON chatops.jobs REFERENCING OLD TABLE AS removed
     FOR EACH STATEMENT EXECUTE FUNCTION chatops.count_removed_jobs();

   CREATE TABLE chatops.holds (
     quota text NOT NULL,
     reason text NOT NULL,
     pause_ms bigint NOT NULL,
     set_at bigint NOT NULL,
     ends_at bigint NOT NULL,
     PRIMARY KEY (quota, reason)
   );

   CREATE TABLE chatops.installations (
     platform text NOT NULL,
     account text COLLATE "C" NOT NULL,
     bot_id text NOT NULL,
     lookup text,
     credentials bytea NOT NULL,
     sealed_with text NOT NULL, -- id of the key
     details text NOT NULL,
     obtained_at bigint NOT NULL,
     expires_at bigint NOT NULL,
     bot_is_current boolean NOT NULL,
     needs_reinstall boolean NOT NULL,
     bot_is_gone boolean NOT NULL,
     webhook_url text NOT NULL,
     -- The renewal has the same rule, and its reasons.
     care_at bigint GENERATED ALWAYS AS (
       CASE
         WHEN NOT bot_is_current OR expires_at <= obtained_at OR expires_at > obtained_at + 34560000000
           OR obtained_at < 0 OR obtained_at > 8640000000000000 THEN 0
         ELSE obtained_at + ((expires_at - obtained_at) * (16000 - obtained_at % 1000) + 19999) / 20000
       END) STORED,
     PRIMARY KEY (platform, account),
     UNIQUE (platform, lookup)
   );
   CREATE INDEX installations_due ON chatops.installations (platform, sealed_with, care_at, account)
     WHERE NOT needs_reinstall;
   CREATE INDEX installations_obtained ON chatops.installations (platform, sealed_with, obtained_at, account)
     WHERE NOT needs_reinstall;
   CREATE INDEX installations_expiring ON chatops.installations (platform, sealed_with, expires_at)
     WHERE NOT needs_reinstall;
   CREATE INDEX installations_working ON chatops.installations (platform, sealed_with, account)
     WHERE NOT needs_reinstall;
   CREATE TABLE chatops.installation_leases (
     platform text NOT NULL,
     account text NOT NULL,
     owner text NOT NULL,
     lease_ms bigint NOT NULL,
     lease_until bigint NOT NULL,
     PRIMARY KEY (platform, account)
   );

   -- Counted like jobs.
   CREATE TABLE chatops.installation_counts (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     platform text NOT NULL,
     needs_reinstall boolean NOT NULL,
     sealed_with text NOT NULL,
     webhook_url text NOT NULL,
     installations bigint NOT NULL
   );
   CREATE FUNCTION chatops.count_installations() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF TG_OP <> 'DELETE' THEN
       INSERT INTO chatops.installation_counts (platform, needs_reinstall, sealed_with, webhook_url, installations)
         VALUES (NEW.platform, NEW.needs_reinstall, NEW.sealed_with, NEW.webhook_url, 1);
     END IF;
     IF TG_OP <> 'INSERT' THEN
       INSERT INTO chatops.installation_counts (platform, needs_reinstall, sealed_with, webhook_url, installations)
         VALUES (OLD.platform, OLD.needs_reinstall, OLD.sealed_with, OLD.webhook_url, -1);
     END IF;
     RETURN NULL;
   END $$;
   CREATE TRIGGER installations_counted AFTER INSERT OR UPDATE OR DELETE ON chatops.installations
     FOR EACH ROW EXECUTE FUNCTION chatops.count_installations();

   CREATE TABLE chatops.servers (
     name text PRIMARY KEY,
     facts text NOT NULL,
     started_at bigint NOT NULL,
     beat_at bigint NOT NULL, -- its last sign of life
     alive_since bigint NOT NULL -- it has given such signs without a pause
   );
   -- What only one server may do, such as using up the state of an installation.
   CREATE TABLE chatops.taken_names (name text PRIMARY KEY, taken_at bigint NOT NULL, free_at bigint NOT NULL);
   -- What one server has found out for all.
   CREATE TABLE chatops.findings (name text PRIMARY KEY, value text NOT NULL);
   CREATE TABLE chatops.minutes (
     minute bigint NOT NULL, server text NOT NULL, counts text NOT NULL, PRIMARY KEY (minute, server)
   );
   CREATE TABLE chatops.news (told bigint NOT NULL);
   INSERT INTO chatops.news VALUES (0);
   CREATE TABLE chatops.write_check (id integer PRIMARY KEY, checked_at bigint NOT NULL, filling bytea NOT NULL);`,
];
