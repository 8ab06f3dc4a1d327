import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { createCipher } from "../../../src/secrets.ts";
import { openServerStore } from "../../../src/store/sqlite/index.ts";
import type { Store } from "../../../src/store/store.ts";
import { OLD } from "../../support/chatio-tokens.ts";
import { anInstallation } from "../../support/jobs.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";

const FIRST_RELEASE = readFileSync(new URL("first-release.sql", import.meta.url), "utf8");
const SECRET = "client-secret-invented";
const KEY = "encryption-key-invented";
const EVERYTHING = { after: null, limit: 9, clockToleranceMs: 60_000 };

/** A database of the first release with five installations, of which 1 to 4 were encrypted with the secret. */
function fromFirstRelease(): string {
  const path = join(temporaryFolder(), "test.db");
  const db = new DatabaseSync(path);
  db.exec(FIRST_RELEASE);
  const add = db.prepare(`INSERT INTO installations
    (license_id, bot_id, secret_fingerprint, credentials, obtained_at, expires_at, bot_is_current, needs_reinstall)
    VALUES (?, 'bot', 'fingerprint-' || ?1, ?, ?, ?, ?, ?)`);
  const now = Date.now();
  const seal = (license: number) => createCipher(SECRET).seal(JSON.stringify(OLD), `installation ${license}`);
  add.run(1, seal(1), now, now + 3_600_000, 1, 0);
  add.run(2, seal(2), now - 3_600_000, now, 1, 0);
  add.run(3, seal(3), now, now + 3_600_000, 0, 0);
  add.run(4, seal(4), now, now + 3_600_000, 0, 1);
  db.close();
  return path;
}

/** A start of the server with these secrets, the current one first. */
async function startOn<T>(path: string, secrets: string[], look: (store: Store) => Promise<T>): Promise<T> {
  const store = openServerStore({ path, encryptionSecretsOf: () => secrets });
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

const counts = ({ installations }: Store) => installations.of("chatio").countByState();
const credentialsOf = async ({ installations }: Store) =>
  (await installations.of("chatio").find("1520"))?.credentials;

test("installations of an earlier release are counted, and renewed when due", async () => {
  await startOn(fromFirstRelease(), [SECRET], async (store) => {
    const installations = store.installations.of("chatio");
    expect(await installations.countByState()).toEqual({ ok: 3, needs_reinstall: 1, unreadable: 1 });
    expect((await installations.due(EVERYTHING)).map(({ account }) => account)).toEqual(["3", "2"]);
    expect(await installations.working({ after: null, limit: 9 })).toEqual(["1", "2", "3"]);
    expect(await installations.nextExpiry()).toBeLessThanOrEqual(Date.now());
  });
});

test("whatever secret the first start had, a later start with the right one can read them", async () => {
  const path = fromFirstRelease();
  const readable = { ok: 3, needs_reinstall: 1, unreadable: 1 };
  const unreadable = { ok: 0, needs_reinstall: 1, unreadable: 4 };
  expect(await startOn(path, [], counts)).toEqual(unreadable);
  expect(await startOn(path, ["another-secret"], counts)).toEqual(unreadable);
  expect(await startOn(path, [SECRET], counts)).toEqual(readable);
  expect(await startOn(path, ["another-secret"], counts)).toEqual(unreadable);
  expect(await startOn(path, [SECRET], counts)).toEqual(readable);
});

test("each is decrypted once: those with the current key are not decrypted at the next start", async () => {
  const path = fromFirstRelease();
  await startOn(path, [SECRET], counts);
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  const sealed = () => db.prepare("SELECT account, credentials FROM installations ORDER BY account").all();
  const before = sealed();
  await startOn(path, [SECRET], counts);
  expect(sealed()).toEqual(before);
  expect(db.prepare("SELECT account FROM installations WHERE sealed_with = ''").all()).toEqual([
    { account: "1520" },
  ]);
});

test("with an encryption key of its own, the database is read as before, and after the first start without the client secret", async () => {
  const path = join(temporaryFolder(), "test.db");
  await startOn(path, [SECRET], ({ installations }) =>
    installations.of("chatio").save(anInstallation({ credentials: OLD })),
  );
  expect(await credentialsOf(openTestStore(path, KEY, SECRET))).toEqual(OLD);
  expect(await counts(openTestStore(path, KEY, SECRET))).toMatchObject({ ok: 1, unreadable: 0 });
  expect(await credentialsOf(openTestStore(path, KEY))).toBeNull();

  expect(await startOn(path, [KEY, SECRET], credentialsOf)).toEqual(OLD);

  await startOn(path, [KEY, "a-changed-client-secret"], async (store) => {
    expect(await credentialsOf(store)).toEqual(OLD);
    expect(await counts(store)).toMatchObject({ ok: 1, unreadable: 0 });
    expect(await store.installations.of("chatio").working({ after: null, limit: 1 })).toEqual(["1520"]);
  });
  expect(await credentialsOf(openTestStore(path, SECRET))).toBeNull();
});

test("an installation that needs a reinstall gets the new key, too: its token is still to be revoked", async () => {
  const path = join(temporaryFolder(), "test.db");
  await startOn(path, [SECRET], ({ installations }) =>
    installations.of("chatio").save(anInstallation({ credentials: OLD, needsReinstall: true })),
  );
  await startOn(path, [KEY, SECRET], counts);
  expect(await credentialsOf(openTestStore(path, KEY))).toEqual(OLD);
});

test("the key's id reveals neither the secret nor the key", () => {
  const { keyId } = createCipher(SECRET);
  expect(keyId).toMatch(/^[0-9a-f]{16}$/);
  expect(createCipher(SECRET).keyId).toBe(keyId);
  expect(createCipher("another-secret").keyId).not.toBe(keyId);
});
