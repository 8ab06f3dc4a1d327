import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import type { Store } from "../../src/store/store.ts";

/** A folder that is gone when the test is. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "chatops-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store in a real database file, closed when the test is finished; the same path opens the same file again. */
export function openTestStore(
  path: string = join(temporaryFolder(), "test.db"),
  ...secrets: readonly string[]
): Store {
  const encryptionSecrets = secrets.length === 0 ? ["client-secret-invented"] : secrets;
  const store = openSqliteStore({ path, encryptionSecretsOf: () => encryptionSecrets });
  onTestFinished(() => store.close().catch(() => {}));
  return store;
}
