import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { LICENSE, prepareStage } from "../../src/demo/stage.ts";
import { createCipher } from "../../src/secrets.ts";
import { runCli } from "../support/cli.ts";
import { createLogSink } from "../support/log.ts";
import { asOperator, PASSWORD, wordsOf } from "../support/operator.ts";
import { startOn, startTestStage } from "../support/stage.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

const DAY_MS = 24 * 3_600_000;

test.each([28_800.0005, 1e13, 1e300, 0, -1e13])(
  "tokens that are said to last %d seconds are kept, and the server works and starts again with them",
  async (expiresIn) => {
    const path = join(temporaryFolder(), "test.db");
    const settings = { DATABASE_URL: `file:${path}`, ADMIN_PASSWORD: PASSWORD };
    const stage = await startTestStage(settings, { chatio: { expiresIn } });

    expect((await stage.install()).status).toBe(200);

    for (const page of ["/status", "/metrics"]) await asOperator(stage.serverUrl).get(page).expect(200);
    const store = openTestStore(path, "demo-client-secret");
    const [kept] = await store.installations.list();
    const lifetimeMs = (kept?.expiresAt ?? 0) - (kept?.obtainedAt ?? 0);
    expect(Number.isSafeInteger(lifetimeMs)).toBe(true);
    expect(lifetimeMs).toBeGreaterThanOrEqual(60_000);
    expect(lifetimeMs).toBeLessThanOrEqual(400 * DAY_MS);
  },
);

/** Installed, then stopped, then started again on what was done to the database in between. */
async function restartOn(damage: (db: DatabaseSync) => void) {
  const path = join(temporaryFolder(), "test.db");
  const stage = await prepareStage({ settings: { DATABASE_URL: `file:${path}`, ADMIN_PASSWORD: PASSWORD } });
  onTestFinished(stage.stop);
  const sink = createLogSink();
  const start = () => startOn(stage, sink.log);
  const before = await start();
  const code = stage.chatio.issueCode(LICENSE);
  expect((await fetch(`${before.url}/token?${new URLSearchParams({ code })}`)).status).toBe(200);
  await before.stop();
  const db = new DatabaseSync(path);
  damage(db);
  db.close();
  const server = await start();
  onTestFinished(server.stop);
  return { stage, sink, server };
}

test("rows that an earlier release wrote wrongly keep no server from starting and nobody else from working", async () => {
  const sealed = createCipher("demo-client-secret").seal("no JSON", "installation 2000");
  const { stage, sink, server } = await restartOn((db) => {
    db.exec(`UPDATE installations SET expires_at = 10000000000000000`);
    const add = db.prepare(`INSERT INTO installations
      (platform, account, bot_id, credentials, sealed_with, details, obtained_at, expires_at, bot_is_current,
       needs_reinstall, bot_is_gone, webhook_url)
      VALUES ('chatio', ?, 'bot', ?, '', 'no JSON', ?, ?, 1, 0, 0, '')`);
    add.run("2000", sealed, -(2n ** 63n), 2n ** 63n - 1n);
    add.run(String(2n ** 60n), new Uint8Array(3), 2n ** 63n - 1n, 2n ** 63n - 1n);
  });

  const status = await asOperator(server.url).get("/status").expect(200);
  expect(wordsOf(status.text)).toContain("2000 its tokens cannot be read");
  const metrics = await asOperator(server.url).get("/metrics").expect(200);
  expect(metrics.text).toContain('chatops_installations{platform="chatio",state="unreadable"} 2');
  const listed = await runCli("installs", ["list"], stage.settings);
  expect(listed.code).toBe(0);
  expect(listed.out).toMatch(/^chatio +2000 .* cannot be read/m);

  // What is known to be wrong is renewed at once.
  await vi.waitFor(() => expect(sink.text()).toContain("The tokens were renewed."), 5000);
  const after = await runCli("installs", ["list", "--json"], stage.settings);
  expect(Date.parse(JSON.parse(after.out)[0].expires)).toBeLessThan(Date.now() + 400 * DAY_MS);
  expect(sink.text()).not.toContain("Due installations could not be read");
});
