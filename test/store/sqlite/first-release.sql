CREATE TABLE jobs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  platform TEXT NOT NULL,
  lane TEXT NOT NULL,
  quota TEXT NOT NULL,
  payload TEXT NOT NULL,
  progress TEXT NOT NULL DEFAULT '{}',
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'working', 'done', 'dead')),
  is_first INTEGER NOT NULL,
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
CREATE TABLE write_check (id INTEGER PRIMARY KEY CHECK (id = 1), checked_at INTEGER NOT NULL) STRICT;
PRAGMA user_version = 1;

INSERT INTO jobs (key, platform, lane, quota, payload, progress, state, is_first, attempts, accepted_at, next_attempt_at, settled_at, outcome, last_error)
VALUES
  ('webex:kept-1', 'webex', 'webex:room-1', 'webex', '{"messageId":"kept-1"}', '{"replied":false}', 'waiting', 1, 2, 1767607200000, 1767607200000, NULL, NULL, 'no answer'),
  ('webex:kept-2', 'webex', 'webex:room-1', 'webex', '{"messageId":"kept-2"}', '{}', 'waiting', 0, 0, 1767607200001, 1767607200001, NULL, NULL, NULL),
  ('webex:done-1', 'webex', 'webex:room-2', 'webex', '{"messageId":"done-1"}', '{}', 'done', 1, 1, 1767607200002, 1767607200002, 1767607200003, 'replied', NULL),
  ('webex:dead-1', 'webex', 'webex:room-3', 'webex', '{"messageId":"dead-1"}', '{}', 'dead', 1, 1, 1767607200004, 1767607200004, 1767607200005, NULL, 'refused for good');
INSERT INTO installations VALUES (1520, 'bot-1520', 'fingerprint-invented', x'00', 1767607200000, 1767610800000, 1, 0);
