import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { openDatabase } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";

/** A folder that is gone when the test is. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "chatops-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

let made: Buffer | null = null;

/** The path of a database in which nothing is yet: a copy, which takes a fifth of the time of making one. */
export function newDatabase(): string {
  const path = join(temporaryFolder(), "test.db");
  if (made === null) {
    openDatabase(path).close();
    made = readFileSync(path);
  } else writeFileSync(path, made, { mode: 0o600 });
  return path;
}

/** A store in a real database file, closed when the test is finished; the same path opens the same file again. */
export function openTestStore(path: string = newDatabase(), ...secrets: readonly string[]): Store {
  const encryptionSecrets = secrets.length === 0 ? ["client-secret-invented"] : secrets;
  const store = openSqliteStore({ path, encryptionSecretsOf: () => encryptionSecrets });
  onTestFinished(() => store.close().catch(() => {}));
  return store;
}
