import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { createCipher } from "../../../src/secrets.ts";
import { openServerStore } from "../../../src/store/sqlite/index.ts";
import type { Store } from "../../../src/store/store.ts";
import { OLD } from "../../support/chatio-tokens.ts";
import { temporaryFolder } from "../../support/store.ts";

const FIRST_RELEASE = readFileSync(new URL("first-release.sql", import.meta.url), "utf8");
const SECRET = "client-secret-invented";
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
  const seal = (licenseId: number) =>
    createCipher(SECRET).seal(JSON.stringify(OLD), `installation ${licenseId}`);
  add.run(1, seal(1), now, now + 3_600_000, 1, 0);
  add.run(2, seal(2), now - 3_600_000, now, 1, 0);
  add.run(3, seal(3), now, now + 3_600_000, 0, 0);
  add.run(4, seal(4), now, now + 3_600_000, 0, 1);
  db.close();
  return path;
}

async function openOn<T>(path: string, encryptionSecret: string | null, look: (store: Store) => Promise<T>) {
  const store = openServerStore({ path, encryptionSecret });
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

const counts = ({ installations }: Store) => installations.countByState();

test("installations of an earlier release are counted, and cared for when their time comes", async () => {
  await openOn(fromFirstRelease(), SECRET, async ({ installations }) => {
    expect(await installations.countByState()).toEqual({ ok: 3, needs_reinstall: 1, unreadable: 1 });
    expect((await installations.due(EVERYTHING)).map(({ licenseId }) => licenseId)).toEqual([3, 2]);
    expect(await installations.working({ after: null, limit: 9 })).toEqual([1, 2, 3]);
    expect(await installations.nextExpiry()).toBeLessThanOrEqual(Date.now());
  });
});

test("whatever secret the first start had, a later start with the right one finds them readable", async () => {
  const path = fromFirstRelease();
  expect(await openOn(path, null, counts)).toEqual({ ok: 0, needs_reinstall: 1, unreadable: 4 });
  expect(await openOn(path, "another-secret", counts)).toEqual({ ok: 0, needs_reinstall: 1, unreadable: 4 });
  expect(await openOn(path, SECRET, counts)).toEqual({ ok: 3, needs_reinstall: 1, unreadable: 1 });
  expect(await openOn(path, "another-secret", counts)).toEqual({ ok: 0, needs_reinstall: 1, unreadable: 4 });
  expect(await openOn(path, SECRET, counts)).toEqual({ ok: 3, needs_reinstall: 1, unreadable: 1 });
});

test("each of them is looked at once: what is noted is not decrypted at the next start", async () => {
  const path = fromFirstRelease();
  await openOn(path, SECRET, counts);
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  expect(
    db.prepare("SELECT license_id FROM installations WHERE sealed_with = '' AND needs_reinstall = 0").all(),
  ).toEqual([{ license_id: 1520 }]);
});

test("the note gives neither the secret nor the key away", () => {
  const { keyId } = createCipher(SECRET);
  expect(keyId).toMatch(/^[0-9a-f]{16}$/);
  expect(createCipher(SECRET).keyId).toBe(keyId);
  expect(createCipher("another-secret").keyId).not.toBe(keyId);
});
