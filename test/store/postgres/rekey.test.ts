import { describe, expect, test } from "vitest";
import { openPostgresServerStore } from "../../../src/store/postgres/index.ts";
import type { Store } from "../../../src/store/store.ts";
import { anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { hasPostgres, makeDatabase, newPostgresUrl } from "../../support/postgres.ts";

const [SECRET, KEY] = ["client-secret-invented", "encryption-key-invented"];

/** A start of a server with these secrets, the current one first. */
async function startOn<T>(url: string, secrets: string[], look: (store: Store) => Promise<T>): Promise<T> {
  const store = await openPostgresServerStore({
    url,
    encryptionSecretsOf: () => secrets,
    log: createLogSink().log,
  });
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

describe.skipIf(!hasPostgres())("on PostgreSQL", () => {
  test("a start with a new key and the old secret encrypts everything with the key; then the secret is not needed", async () => {
    const url = newPostgresUrl();
    await makeDatabase(url);
    const all = Array.from({ length: 120 }, (_, n) => anInstallation({ account: String(n), lookup: null }));
    await startOn(url, [SECRET], async ({ installations }) => {
      for (const one of all) await installations.of("chatio").save(one);
    });
    const states = ({ installations }: Store) => installations.of("chatio").countByState();
    expect(await startOn(url, [KEY], states)).toMatchObject({ ok: 0, unreadable: 120 });
    expect(await startOn(url, [KEY, SECRET], states)).toMatchObject({ ok: 120 });
    expect(await startOn(url, [KEY], states)).toMatchObject({ ok: 120, unreadable: 0 });
    const kept = await startOn(url, [KEY], ({ installations }) => installations.of("chatio").find("7"));
    expect(kept).toEqual(all[7]);
  });
});
