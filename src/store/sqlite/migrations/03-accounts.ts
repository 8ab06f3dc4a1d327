/**
 * Installations, and the jobs that wait for one, belong to an account of any platform, no longer to a license of chat.io.
 * Credentials stay encrypted as they are. Leases of installations are dropped: they last for seconds, and their processes
 * have ended. `care_at` is the rule of `isDue` (keyword-bot/lifetime.ts). The SQL is part of the database: never edit it.
 */
const ACCOUNTS_OF_PLATFORMS = `
  ALTER TABLE installations RENAME TO licenses;
  DROP INDEX installations_due;
  DROP INDEX installations_obtained;
  DROP INDEX installations_expiring;
  DROP INDEX installations_working;
  DROP TABLE installation_counts;
  DROP TABLE installation_leases;
  CREATE TABLE installations (
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    bot_id TEXT NOT NULL,
    lookup TEXT,
    credentials BLOB NOT NULL,
    sealed_with TEXT NOT NULL, -- id of the key; empty: not looked at
    details TEXT NOT NULL,
    obtained_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    bot_is_current INTEGER NOT NULL,
    needs_reinstall INTEGER NOT NULL,
    bot_is_gone INTEGER NOT NULL,
    webhook_url TEXT NOT NULL,
    -- The renewal has the same rule, and its reasons.
    care_at INTEGER GENERATED ALWAYS AS (
      CASE
        WHEN bot_is_current = 0 OR expires_at <= obtained_at OR expires_at > obtained_at + 34560000000
          OR obtained_at < 0 OR obtained_at > 8640000000000000 THEN 0
        ELSE obtained_at + ((expires_at - obtained_at) * (16000 - obtained_at % 1000) + 19999) / 20000
      END) VIRTUAL,
    PRIMARY KEY (platform, account),
    UNIQUE (platform, lookup)
  ) STRICT;
  INSERT INTO installations
    SELECT 'chatio', CAST(license_id AS TEXT), bot_id, secret_fingerprint, credentials, sealed_with, '{}', obtained_at,
           expires_at, bot_is_current, needs_reinstall, bot_is_gone, webhook_url
    FROM licenses;
  DROP TABLE licenses;
  CREATE INDEX installations_due ON installations (platform, sealed_with, care_at, account) WHERE needs_reinstall = 0;
  CREATE INDEX installations_obtained ON installations (platform, sealed_with, obtained_at, account)
    WHERE needs_reinstall = 0;
  CREATE INDEX installations_expiring ON installations (platform, sealed_with, expires_at) WHERE needs_reinstall = 0;
  CREATE INDEX installations_working ON installations (platform, sealed_with, account) WHERE needs_reinstall = 0;
  CREATE TABLE installation_leases (
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    owner TEXT NOT NULL,
    lease_ms INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    PRIMARY KEY (platform, account)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE installation_counts (
    platform TEXT NOT NULL,
    needs_reinstall INTEGER NOT NULL,
    sealed_with TEXT NOT NULL,
    webhook_url TEXT NOT NULL,
    installations INTEGER NOT NULL,
    PRIMARY KEY (platform, needs_reinstall, sealed_with, webhook_url)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO installation_counts
    SELECT platform, needs_reinstall <> 0, sealed_with, webhook_url, count(*) FROM installations GROUP BY 1, 2, 3, 4;
  CREATE TRIGGER installations_added AFTER INSERT ON installations BEGIN
    INSERT INTO installation_counts VALUES (new.platform, new.needs_reinstall <> 0, new.sealed_with, new.webhook_url, 1)
      ON CONFLICT DO UPDATE SET installations = installations + 1;
  END;
  CREATE TRIGGER installations_moved AFTER UPDATE OF needs_reinstall, sealed_with, webhook_url ON installations
    WHEN (old.needs_reinstall <> 0, old.sealed_with, old.webhook_url)
      <> (new.needs_reinstall <> 0, new.sealed_with, new.webhook_url)
  BEGIN
    UPDATE installation_counts SET installations = installations - 1
      WHERE platform = old.platform AND needs_reinstall = (old.needs_reinstall <> 0) AND sealed_with = old.sealed_with
        AND webhook_url = old.webhook_url;
    INSERT INTO installation_counts VALUES (new.platform, new.needs_reinstall <> 0, new.sealed_with, new.webhook_url, 1)
      ON CONFLICT DO UPDATE SET installations = installations + 1;
    DELETE FROM installation_counts WHERE installations = 0;
  END;
  CREATE TRIGGER installations_removed AFTER DELETE ON installations BEGIN
    UPDATE installation_counts SET installations = installations - 1
      WHERE platform = old.platform AND needs_reinstall = (old.needs_reinstall <> 0) AND sealed_with = old.sealed_with
        AND webhook_url = old.webhook_url;
    DELETE FROM installation_counts WHERE installations = 0;
  END;
  UPDATE jobs
    SET payload = json_set(json_remove(payload, '$.licenseId'), '$.account', CAST(payload ->> '$.licenseId' AS TEXT))
    WHERE platform = 'chatio' AND json_valid(payload) AND payload ->> '$.licenseId' IS NOT NULL;
  UPDATE settled
    SET payload = json_set(json_remove(payload, '$.licenseId'), '$.account', CAST(payload ->> '$.licenseId' AS TEXT))
    WHERE platform = 'chatio' AND state = 'dead' AND json_valid(payload) AND payload ->> '$.licenseId' IS NOT NULL;`;

/** Those since accounts of any platform. Complete: never edited. */
export const ACCOUNTS: readonly string[] = [ACCOUNTS_OF_PLATFORMS];
