import { copyFileSync, cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { fingerprint } from "../../src/secrets.ts";
import { openServerStore } from "../../src/store/sqlite/index.ts";
import { runCli } from "../support/cli.ts";
import { deliverMessage } from "../support/deliveries.ts";
import {
  deliverKept,
  readiness,
  refusalOf,
  refusedStart,
  SETTINGS,
  startHereOn,
  startServerOn,
} from "../support/server-on-database.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

/** A running server with jobs, a backup of its first ones, and what an operator may do to its files. */
async function startWithBackup() {
  const folder = temporaryFolder();
  const path = join(folder, "test.db");
  const backup = join(folder, "backup.db");
  const server = await startServerOn(path);
  const early = await deliverKept(server.url, 3);
  const settings = { ...SETTINGS, DATABASE_URL: `file:${path}` };
  expect(await runCli("backup", [backup], settings)).toMatchObject({ code: 0 });
  const late = await deliverKept(server.url, 3);
  return { path, backup, server, early, late };
}

async function missingIn(path: string, keys: readonly string[]): Promise<string[]> {
  const { desk, close } = openTestStore(path);
  const found = await Promise.all(keys.map((key) => desk.find(key)));
  await close();
  return keys.filter((_key, index) => found[index] === null);
}

test.each(["-wal", "-shm"])(
  "the file %s deleted under the server: the next delivery gets 503, nothing before it is lost, a restart is the cure",
  async (end) => {
    const { path, server, early, late } = await startWithBackup();

    rmSync(`${path}${end}`);

    for (let n = 0; n < 5; n += 1) expect(await deliverMessage(server.url)).toMatchObject({ status: 503 });
    const sentence = `${path}${end} was deleted or replaced while the server runs. Restart the server`;
    expect(await readiness(server.url)).toMatchObject({
      status: 503,
      database: expect.stringContaining(sentence),
    });
    expect(server.log().match(/"level":50.*Nothing can be kept any more/g)).toHaveLength(1);
    expect(server.log()).toContain(sentence);
    await server.kill();
    const next = await startHereOn(path);
    await vi.waitFor(() => expect(next.sink.text()).toContain("6 jobs are waiting from the last run."));
    const kept = [...early, ...late, ...(await deliverKept(next.url, 3))];
    await next.stop();
    expect(await missingIn(path, kept)).toEqual([]);
  },
);

test.each([
  ["copied over the database", (backup: string, path: string) => writeFileSync(path, readFileSync(backup))],
  ["moved over the database", (backup: string, path: string) => renameSync(backup, path)],
])(
  "a backup %s under the server: the next delivery gets 503, the backup is not written into, and what the server says to do works",
  async (_way, putBack) => {
    const { path, backup, server, early } = await startWithBackup();
    const another = `${backup}.another`;
    copyFileSync(backup, another);

    putBack(backup, path);

    for (let n = 0; n < 5; n += 1) expect(await deliverMessage(server.url)).toMatchObject({ status: 503 });
    const { status, database } = await readiness(server.url);
    expect(status).toBe(503);
    expect(database).toMatch(/was (overwritten|replaced) while the server runs/);
    expect(database).toContain(
      `stop the server, move ${path}, ${path}-wal and ${path}-shm to another folder, copy a backup to ${path}, then start the server`,
    );

    await server.stop();
    expect(readFileSync(path).equals(readFileSync(another))).toBe(true);
    for (const end of ["-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
    copyFileSync(another, path);
    const next = await startHereOn(path);
    const kept = [...early, ...(await deliverKept(next.url, 3))];
    await next.stop();
    expect(await missingIn(path, kept)).toEqual([]);
  },
);

test("a delivery of a license that an overwritten database does not know is not refused for good", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "test.db");
  const store = openServerStore({ path, encryptionSecretsOf: () => [] });
  onTestFinished(() => store.close().catch(() => {}));
  expect(await store.installations.of("chatio").findByLookup(fingerprint("unknown"))).toBeNull();

  writeFileSync(path, readFileSync(path).subarray(0, 8192));

  await expect(store.installations.of("chatio").findByLookup(fingerprint("unknown"))).rejects.toThrow(
    "was overwritten",
  );
});

test("a damaged database beside which a log is left: what the sentence says to do works", async () => {
  const { path, backup, server, early } = await startWithBackup();
  await server.kill();
  expect(existsSync(`${path}-wal`)).toBe(true);
  const bytes = readFileSync(path);
  bytes.fill(0x55, 0, 2000);
  writeFileSync(path, bytes);

  expect(await refusalOf(path)).toContain(
    `stop the server, move ${path}, ${path}-wal and ${path}-shm to another folder, copy a backup to ${path}, then start the server`,
  );
  for (const end of ["-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
  cpSync(backup, path);
  const next = await startHereOn(path);
  const kept = [...early, ...(await deliverKept(next.url, 2))];
  await next.stop();
  expect(await missingIn(path, kept)).toEqual([]);
});

test.runIf(existsSync("/proc/self"))(
  "a place in which no folder can be made ends the start",
  async () => {
    // Node.js's recursive mkdir never ends there.
    const { code, stderr } = await refusedStart("/proc/invented/test.db");
    expect(code).toBe(1);
    expect(stderr).toBe(
      "DATABASE_URL: the database /proc/invented/test.db cannot be used: ENOENT: no such file or directory, mkdir '/proc/invented'.\n",
    );
  },
  15_000,
);
