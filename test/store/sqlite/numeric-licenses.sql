-- What the last release with numeric licenses wrote, as its own code did, with invented secrets. It stands for databases that
-- exist, so it is never edited. Credentials are encrypted with "client-secret-invented"; of license 77 with another secret.
BEGIN TRANSACTION;
CREATE TABLE holds (
     quota TEXT NOT NULL,
     reason TEXT NOT NULL,
     pause_ms INTEGER NOT NULL,
     set_at INTEGER NOT NULL,
     ends_at INTEGER NOT NULL,
     PRIMARY KEY (quota, reason)
   ) STRICT, WITHOUT ROWID;
CREATE TABLE installation_counts (
     needs_reinstall INTEGER NOT NULL,
     sealed_with TEXT NOT NULL,
     webhook_url TEXT NOT NULL,
     installations INTEGER NOT NULL,
     PRIMARY KEY (needs_reinstall, sealed_with, webhook_url)
   ) STRICT, WITHOUT ROWID;
INSERT INTO "installation_counts" VALUES(0,'76156ee3cb411151','https://bots.example/webhook',2);
INSERT INTO "installation_counts" VALUES(0,'f41bec767ebc1c2c','https://bots.example/webhook',1);
INSERT INTO "installation_counts" VALUES(1,'76156ee3cb411151','',1);
CREATE TABLE installation_leases (
     license_id INTEGER PRIMARY KEY,
     owner TEXT NOT NULL,
     lease_ms INTEGER NOT NULL,
     lease_until INTEGER NOT NULL
   ) STRICT;
INSERT INTO "installation_leases" VALUES(1520,'owner-invented',20000,1795652983609);
CREATE TABLE installations (
     license_id INTEGER PRIMARY KEY,
     bot_id TEXT NOT NULL,
     secret_fingerprint TEXT NOT NULL UNIQUE,
     credentials BLOB NOT NULL,
     obtained_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     bot_is_current INTEGER NOT NULL,
     needs_reinstall INTEGER NOT NULL
   , webhook_url TEXT NOT NULL DEFAULT '', bot_is_gone INTEGER NOT NULL DEFAULT 0, sealed_with TEXT NOT NULL DEFAULT '', care_at INTEGER GENERATED ALWAYS AS (
     CASE
       WHEN bot_is_current = 0 OR expires_at <= obtained_at OR expires_at > obtained_at + 34560000000
         OR obtained_at < 0 OR obtained_at > 8640000000000000 THEN 0
       ELSE obtained_at + ((expires_at - obtained_at) * (16000 - obtained_at % 1000) + 19999) / 20000
     END) VIRTUAL) STRICT;
INSERT INTO "installations" VALUES(9,'bot-9','f46d27e19ae302d9ccab83e24de38f5c50ba577711ba0b6dd4e9d3d7685aa61b',X'8589AD6F6833263B1620C1051D252DD5A252418330C983C61EBFE5E2FEAD3504920C172DD407F5B7DA8FC5570061597EBA2B90CEFCF34A0ECEDC9BB381B17815D459AB35F4DC33788469E7B3B7492C861A3F3548EEEC715822A0408C813BFC5CF84FC9B9BBF47D2359EE9EDB5EBA4736FBFF82A52478362D454BAE25FC269E36E2F898613F7205D285A23BC8148184',1790000000000,1790003920000,0,0,'https://bots.example/webhook',0,'76156ee3cb411151');
INSERT INTO "installations" VALUES(77,'bot-77','1cc73be884aeda2b0a1f3898e3d54e495895d52ac09ab09e7aac8b024d8673d1',X'15326AA0291DD116373471C4210A9E4AA56E445C26C7E86B46CD4BE5CDE41FA29A09F83BAE034BF5C346A3387546E2E72D3D629CE3EE3963E202CF752C1CD6398891BDDCC5053E6832FCC872568015BCD50317114F356348FE90AFA478F83C3BD0F84BA6BF4204AEE7CB4F9851B726103D50B1BA6CB7683C8B3ECB102D2146FFBCF00213D3C30E543A3F8FDB6BD238D519F0',1790000000000,1790003920000,1,0,'https://bots.example/webhook',0,'f41bec767ebc1c2c');
INSERT INTO "installations" VALUES(1520,'bot-1520','03b7a3a6b942984e7a8076de98fa7502981032362361eaa1712b140ad18ade93',X'D63829FAD2481B0C553BBA2DD895119F43479E20FBD1FFE8E56C836BAB8C889D74B9A3B0DC95CEA99F5F9DA3AB9FFB46C4343594AC30B856EF491E5FE454AE27964B2FDEBDC6EEF63DF254289D94CAAD8932DE5188C724E2DA6DA6F064CF7720748166090FD1435A581B179786A35996C0CE85C49EB38730C71C78A31C9710D9074E00D2329018DDF4C3FE2BCD24AA6188320CBD5E751EFA',1790000000000,1790003920000,1,0,'https://bots.example/webhook',0,'76156ee3cb411151');
INSERT INTO "installations" VALUES(200000000000,'bot-200000000000','52d2d8115907280b368baef57132886b24e9cffa25eeed6817c42c9821e7e6e0',X'BFF2DB1668CEE21084F24D870EA6764DA06714089B580C8C1B57426AD8C70D68A66AFC2FEBC23B76FC2623A6C8C9EA025DD16F45B4B04049218227EB440731C7E78DBBCE130007B7D001A8B26414663F674449C9CD267FB9F33C723B9AA1909E086004D34FF9E0BD324176B25D0D66C59275BA0DAC5D441F641F11666B5FFB2A68DB18B33100A598C2F4A9472C2DE34BA5071BBC772E111CE0C7FD80BD100FF438BDB79D04B33EF76DDDC22C7053D413',1790000000000,1790003920000,1,1,'',1,'76156ee3cb411151');
CREATE TABLE "job_counts" (
     state TEXT NOT NULL, platform TEXT NOT NULL, jobs INTEGER NOT NULL, PRIMARY KEY (state, platform)
   ) STRICT, WITHOUT ROWID;
INSERT INTO "job_counts" VALUES('dead','chatio',1);
INSERT INTO "job_counts" VALUES('done','chatio',1);
INSERT INTO "job_counts" VALUES('waiting','chatio',1);
INSERT INTO "job_counts" VALUES('waiting','webex',1);
INSERT INTO "job_counts" VALUES('working','chatio',0);
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
   , history TEXT NOT NULL DEFAULT '[]') STRICT;
INSERT INTO "jobs" VALUES(3,'chatio:1520:chat-3:event-3','chatio','chatio:1520:chat-3','chatio:1520','{"licenseId":1520,"chatId":"chat-3","reply":"Pizza is on the way!"}','{}','waiting',1,0,1795652963574,1795652963574,NULL,NULL,NULL,NULL,'[]');
INSERT INTO "jobs" VALUES(4,'webex:message-1','webex','webex:room-1','webex','{"messageId":"message-1"}','{}','waiting',1,0,1795652963574,1795652963574,NULL,NULL,NULL,NULL,'[]');
CREATE TABLE news (id INTEGER PRIMARY KEY CHECK (id = 1), told INTEGER NOT NULL) STRICT;
INSERT INTO "news" VALUES(1,0);
CREATE TABLE server (
    id INTEGER PRIMARY KEY CHECK (id = 1), host TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL,
    lock TEXT NOT NULL DEFAULT ''
  ) STRICT;
CREATE TABLE settled (
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
   , history TEXT NOT NULL DEFAULT '[]') STRICT;
INSERT INTO "settled" VALUES(1,'chatio:1520:chat-1:event-1','chatio','chatio:1520:chat-1','chatio:1520','{"licenseId":1520,"chatId":"chat-1","reply":"Pizza is on the way!"}','{}','dead',1,1795652963574,1795652963601,NULL,'refused for good','[[1795652963601,0,"dead","refused for good"]]');
INSERT INTO "settled" VALUES(2,'chatio:1520:chat-2:event-2','chatio','chatio:1520:chat-2','chatio:1520','{"licenseId":1520,"chatId":"chat-2","reply":"Pizza is on the way!"}','{}','done',1,1795652963574,1795652963605,'replied to the agents',NULL,'[[1795652963605,0,"done","replied to the agents"]]');
CREATE TABLE turns (
     quota TEXT PRIMARY KEY,
     platform TEXT NOT NULL,
     turn INTEGER NOT NULL -- in microseconds since 1970, so that turns of one millisecond have an order
   ) STRICT, WITHOUT ROWID;
INSERT INTO "turns" VALUES('chatio:1520','chatio',1795652963586000);
INSERT INTO "turns" VALUES('webex','webex',1795652963576000);
CREATE TABLE write_check (id INTEGER PRIMARY KEY CHECK (id = 1), checked_at INTEGER NOT NULL, filling BLOB NOT NULL DEFAULT x'') STRICT;
CREATE INDEX settled_by_state ON settled (state, settled_at, seq);
CREATE INDEX jobs_due ON jobs (quota, next_attempt_at, seq) WHERE state = 'waiting' AND is_first = 1;
CREATE INDEX jobs_in_lane ON jobs (lane, seq);
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'working';
CREATE INDEX turns_in_order ON turns (platform, turn);
CREATE INDEX installations_due ON installations (sealed_with, care_at, license_id) WHERE needs_reinstall = 0;
CREATE INDEX installations_obtained ON installations (sealed_with, obtained_at, license_id) WHERE needs_reinstall = 0;
CREATE INDEX installations_expiring ON installations (sealed_with, expires_at) WHERE needs_reinstall = 0;
CREATE INDEX installations_working ON installations (sealed_with, license_id) WHERE needs_reinstall = 0;
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
   END;
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
   END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('jobs',4);
COMMIT;
PRAGMA user_version = 11;
