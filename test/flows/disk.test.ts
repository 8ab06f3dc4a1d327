import { renameSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { expect, test, vi } from "vitest";
import { createSqliteStore } from "../../src/store/sqlite/index.ts";
import { openDatabase } from "../../src/store/sqlite/open.ts";
import { deliverMessage } from "../support/deliveries.ts";
import { asOperator, PASSWORD } from "../support/operator.ts";
import { startTestServer } from "../support/server.ts";
import { UNREACHABLE_WEBEX } from "../support/settings.ts";
import { temporaryFolder } from "../support/store.ts";

const SETTINGS = { ...UNREACHABLE_WEBEX, ADMIN_PASSWORD: PASSWORD };

/** A server whose connection to the database is in our hands. */
async function startOn(): Promise<{ url: string; db: DatabaseSync }> {
  const db = openDatabase(join(temporaryFolder(), "test.db"));
  const { url } = await startTestServer(SETTINGS, { openStore: () => createSqliteStore(db, () => null) });
  return { url, db };
}

async function readiness(url: string): Promise<{ status: number; database: string }> {
  const { status, body } = await asOperator(url).get("/readyz");
  return { status, database: body.database };
}

test("a full disk: deliveries and /readyz get 503, and 200 again once there is space", async () => {
  const { url, db } = await startOn();
  expect((await deliverMessage(url)).status).toBe(200);
  // SQLite refuses to grow the file, with the same error as for a disk without space.
  db.exec("PRAGMA max_page_count = 1");
  await vi.waitFor(async () => expect((await deliverMessage(url)).status).toBe(503), {
    timeout: 5000,
    interval: 1,
  });
  const refused = await deliverMessage(url);
  expect(refused.status).toBe(503);
  expect(await refused.answer.json()).toEqual({ error: "The database cannot be used now. Try again later." });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);

  db.exec("PRAGMA max_page_count = 1000000");
  expect((await deliverMessage(url)).status).toBe(200);
  expect(await readiness(url)).toMatchObject({ status: 200, database: "ok" });
});

test("space for the check but for no delivery: /readyz is 503 within a second, until a delivery fits again", async () => {
  const { url, db } = await startOn();
  expect(await readiness(url)).toMatchObject({ status: 200 });
  db.exec("PRAGMA max_page_count = 1");
  await vi.waitFor(async () => expect((await deliverMessage(url)).status).toBe(503), {
    timeout: 5000,
    interval: 1,
  });

  await vi.waitFor(
    async () =>
      expect(await readiness(url)).toEqual({ status: 503, database: expect.stringContaining("full") }),
    3000,
  );
  db.exec("PRAGMA max_page_count = 1000000");
  await vi.waitFor(async () => expect(await readiness(url)).toEqual({ status: 200, database: "ok" }), 3000);
});

test("a database that was moved away under the server: nothing is answered 200 that would not be found again", async () => {
  const folder = temporaryFolder();
  const server = await startTestServer({ ...SETTINGS, DATABASE_URL: `file:${join(folder, "test.db")}` });
  expect((await deliverMessage(server.url)).status).toBe(200);
  renameSync(join(folder, "test.db"), join(folder, "elsewhere.db"));
  expect((await deliverMessage(server.url)).status).toBe(503);
  const { status, database } = await readiness(server.url);
  expect(status).toBe(503);
  expect(database).toContain("was moved or deleted while the server runs");
  renameSync(join(folder, "elsewhere.db"), join(folder, "test.db"));
  expect((await deliverMessage(server.url)).status).toBe(200);
});

test("a database that cannot be written: deliveries and /readyz get 503, and the process goes on", async () => {
  const { url, db } = await startOn();
  db.exec("PRAGMA query_only = ON");
  expect((await deliverMessage(url)).status).toBe(503);
  const { status, database } = await readiness(url);
  expect(status).toBe(503);
  expect(database).toContain("could not be written");
  db.exec("PRAGMA query_only = OFF");
  expect((await deliverMessage(url)).status).toBe(200);
  // What was found is good for a second.
  await vi.waitFor(async () => expect(await readiness(url)).toMatchObject({ status: 200 }), 3000);
});
