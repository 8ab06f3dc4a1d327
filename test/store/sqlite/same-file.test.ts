import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { openServerStore } from "../../../src/store/sqlite/index.ts";
import { temporaryFolder } from "../../support/store.ts";

function openServed() {
  const path = join(temporaryFolder(), "test.db");
  const store = openServerStore({ path, encryptionSecret: null });
  onTestFinished(() => store.close().catch(() => {}));
  return { path, store };
}

/** As `cp -p` does: the content and the time of an earlier copy, in the same file. */
function copyOver(path: string): void {
  writeFileSync(path, readFileSync(path));
  utimesSync(path, 1_700_000_000, 1_700_000_000);
}

function checkpoint(path: string, mode: "PASSIVE" | "TRUNCATE"): void {
  const other = new DatabaseSync(path, { timeout: 5000 });
  other.exec(`PRAGMA wal_checkpoint(${mode})`);
  other.close();
}

test.each([0, 1, 2, 3, 10])(
  "a database that is overwritten after %d commits is noticed at the next one, and at all that follow",
  async (commits) => {
    const { path, store } = openServed();
    for (let n = 0; n < commits; n += 1) await store.check();
    copyOver(path);
    for (let n = 0; n < 3; n += 1) await expect(store.check()).rejects.toThrow("was overwritten");
  },
);

test.each(["PASSIVE", "TRUNCATE"] as const)(
  "so is one that is overwritten some commits after the log was copied into it (%s)",
  async (mode) => {
    for (let commits = 1; commits < 4; commits += 1) {
      const { path, store } = openServed();
      await store.check();
      checkpoint(path, mode);
      for (let n = 0; n < commits; n += 1) await store.check();
      copyOver(path);
      await expect(store.check()).rejects.toThrow("was overwritten");
    }
  },
);

test("a log that is copied into the database again and again is no reason for a refusal", async () => {
  const { path, store } = openServed();
  for (let n = 0; n < 10; n += 1) {
    await store.check();
    checkpoint(path, n % 2 === 0 ? "PASSIVE" : "TRUNCATE");
    if (n % 3 === 0) checkpoint(path, "PASSIVE");
    await store.check();
  }
});
