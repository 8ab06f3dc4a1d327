import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ConfigError } from "../../../src/errors.ts";
import { openServerStore } from "../../../src/store/sqlite/index.ts";
import { aJob } from "../../support/jobs.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";

function openAsServer(path: string) {
  const store = openServerStore({ path, encryptionSecretsOf: () => [] });
  onTestFinished(() => store.close().catch(() => {}));
  return store;
}

test("a second server on one database is refused with its path, and does the first no harm", async () => {
  const path = join(temporaryFolder(), "test.db");
  const first = openAsServer(path);
  expect(() => openAsServer(path)).toThrow(ConfigError);
  expect(() => openAsServer(path)).toThrow(`another server is running on ${path}`);
  expect(await first.inbox.accept([aJob()])).toBe(1);
});

test("after the first server has stopped, another may start", async () => {
  const path = join(temporaryFolder(), "test.db");
  await openAsServer(path).close();
  expect(await openAsServer(path).inbox.accept([aJob()])).toBe(1);
});

test("a command may use the database beside a running server", async () => {
  const path = join(temporaryFolder(), "test.db");
  const server = openAsServer(path);
  await server.inbox.accept([aJob()]);
  const besides = openTestStore(path);
  expect(await besides.desk.list({ state: "waiting", limit: 10 })).toHaveLength(1);
  expect(await besides.inbox.accept([aJob()])).toBe(1);
});
