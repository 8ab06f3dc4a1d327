import { join } from "node:path";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Installations } from "../../../src/store/store.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";

/** How SQLite finds what the call reads: each range that it looks at, and what it sorts. */
async function planOf(call: (installations: Installations) => Promise<unknown>): Promise<string[]> {
  const path = join(temporaryFolder(), "test.db");
  const installations = openTestStore(path).installations.of("chatio");
  const statements: string[] = [];
  for (const method of ["get", "all"] as const) {
    const original = StatementSync.prototype[method];
    vi.spyOn(StatementSync.prototype, method).mockImplementation(function (this: StatementSync, ...values) {
      statements.push(this.sourceSQL);
      return Reflect.apply(original, this, values);
    });
  }
  onTestFinished(() => void vi.restoreAllMocks());
  await call(installations);
  vi.restoreAllMocks();
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  return statements
    .filter((sql) => sql.includes("installation"))
    .flatMap((sql) => db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
    .map(({ detail }) => String(detail))
    .filter((detail) => /SCAN|SEARCH|TEMP/.test(detail))
    .map((detail) => detail.replace(/USING (COVERING )?INDEX /, ""));
}

test("due accounts are read by the index, in its order, and only up to now", async () => {
  const after = { dueAt: 0, account: "1520" };
  expect(await planOf(({ due }) => due({ after, limit: 500, clockToleranceMs: 60_000 }))).toEqual([
    "SEARCH installations installations_due (platform=? AND sealed_with=? AND care_at=? AND account>?)",
    "SEARCH installations installations_due (platform=? AND sealed_with=? AND care_at>? AND care_at<?)",
    "SEARCH installations installations_obtained (platform=? AND sealed_with=? AND obtained_at=? AND account>?)",
    "SEARCH installations installations_obtained (platform=? AND sealed_with=? AND obtained_at>?)",
  ]);
});

test("so are working accounts, and the first expiry", async () => {
  expect(await planOf(({ working }) => working({ after: "1520", limit: 10 }))).toEqual([
    "SEARCH installations installations_working (platform=? AND sealed_with=? AND account>?)",
  ]);
  expect(await planOf(({ nextExpiry }) => nextExpiry())).toEqual([
    "SEARCH installations installations_expiring (platform=? AND sealed_with=?)",
  ]);
});

test("counting reads no installation", async () => {
  expect(await planOf(({ countByState }) => countByState())).toEqual(["SCAN installation_counts"]);
  expect(await planOf(({ countElsewhere }) => countElsewhere("https://bots.example/webhook"))).toEqual([
    "SEARCH installation_counts USING PRIMARY KEY (platform=?)",
  ]);
});
