import { describe, expect, onTestFinished, test } from "vitest";
import { openPostgresServerStore } from "../../../src/store/postgres/index.ts";
import { aJob, anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import {
  administer,
  hasPostgres,
  makeDatabase,
  makeEmptyDatabase,
  newPostgresUrl,
  withClient,
} from "../../support/postgres.ts";
import { claim, DONE } from "../in-hand.ts";

let made = 0;

/** A role that may do nothing yet but connect; the URL by which it does. */
async function newRole(url: string): Promise<{ role: string; url: string }> {
  made += 1;
  const role = `role_${process.pid}_${made}`;
  const own = new URL(url);
  own.username = role;
  own.password = "invented";
  await administer((client) => client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'invented'`));
  onTestFinished(() =>
    administer(async (client) => {
      // The database, and with it what the role owns, is gone by then.
      await client.query(`DROP ROLE IF EXISTS ${role}`).catch(() => {});
    }),
  );
  return { role, url: own.href };
}

async function useStore(url: string): Promise<void> {
  const secrets = { encryptionSecretsOf: () => ["client-secret-invented"] };
  const store = await openPostgresServerStore({ url, ...secrets, log: createLogSink().log });
  try {
    await store.inbox.recover();
    await store.inbox.accept([aJob(), aJob()]);
    for (const job of await claim(store.inbox)) await store.inbox.settle(job, DONE, {});
    await store.holds.hold("webex", "asked", 1000);
    await store.installations.of("chatio").save(anInstallation());
    await store.installations.of("chatio").lease("1520", "one", 1000);
    await store.news.tell();
    await store.check();
    await store.minutes.write(1, {});
    expect(await store.servers.once("name", 1000)).toBe(true);
    expect((await store.desk.countByState()).done).toBe(2);
    expect(await store.inbox.prune(-1000, 10)).toBe(2);
  } finally {
    await store.close();
  }
}

describe.skipIf(!hasPostgres())("a role on PostgreSQL", () => {
  test("that owns the schema chatops and may create no other can do everything, migrations as well", async () => {
    const url = newPostgresUrl();
    await makeEmptyDatabase(url);
    const { role, url: own } = await newRole(url);
    await withClient(url, (client) => client.query(`CREATE SCHEMA chatops AUTHORIZATION ${role}`));
    await useStore(own);
  });

  test("that may only read and write its rows is enough once the database is up to date", async () => {
    const url = newPostgresUrl();
    await makeDatabase(url);
    const { role, url: own } = await newRole(url);
    await withClient(url, async (client) => {
      await client.query(`GRANT USAGE ON SCHEMA chatops TO ${role}`);
      await client.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA chatops TO ${role}`);
    });
    await useStore(own);
  });

  test("for which commits do not wait for the disk keeps a server from starting", async () => {
    const url = newPostgresUrl();
    await makeEmptyDatabase(url);
    const { role, url: own } = await newRole(url);
    await withClient(url, async (client) => {
      await client.query(`CREATE SCHEMA chatops AUTHORIZATION ${role}`);
      await client.query(`ALTER ROLE ${role} SET synchronous_commit = off`);
    });
    await expect(useStore(own)).rejects.toThrow("DATABASE_URL: synchronous_commit is off");
  });

  test("that may do nothing is told what to do", async () => {
    const url = newPostgresUrl();
    await makeEmptyDatabase(url);
    const { url: own } = await newRole(url);
    await expect(useStore(own)).rejects.toThrow(
      "DATABASE_URL: the database cannot be used: permission denied for database",
    );
    await expect(useStore(own)).rejects.toThrow("Grant the role what docs/operate.md lists.");
  });

  test.each([
    [
      "a wrong password",
      (url: URL) => Object.assign(url, { password: "wrong" }),
      "Check user and password in DATABASE_URL.",
    ],
    [
      "a database that does not exist",
      (url: URL) => Object.assign(url, { pathname: "/nowhere" }),
      "Create the database, or correct its name",
    ],
  ])("%s: the sentence says what to do and names no password", async (_name, change, advice) => {
    const url = change(new URL(newPostgresUrl()));
    const error: unknown = await useStore(url.href).catch((reason: unknown) => reason);
    expect(String(error)).toContain(advice);
    expect(String(error)).not.toContain(url.password);
  });
});
