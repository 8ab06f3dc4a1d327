import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { createSqliteStore, openSqliteStore } from "../../../src/store/sqlite/index.ts";
import { aJob } from "../../support/jobs.ts";
import { temporaryFolder } from "../../support/store.ts";
import { aClaim, claim, claimOne, DONE, nextDueInMs, waiting } from "../in-hand.ts";

/** A store that notes each statement it runs. */
async function openNoting() {
  const path = join(temporaryFolder(), "test.db");
  await openSqliteStore({ path, encryptionSecretsOf: () => [] }).close();
  const db = new DatabaseSync(path);
  const ran = new Set<string>();
  const noting = new Proxy(db, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === "prepare") return (sql: string) => notingStatement(db.prepare(sql), () => ran.add(sql));
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const store = createSqliteStore(noting, () => null);
  onTestFinished(() => store.close());
  return { db, store, ran };
}

function notingStatement<Statement extends object>(statement: Statement, note: () => void): Statement {
  return new Proxy(statement, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        note();
        return Reflect.apply(value, target, given);
      };
    },
  });
}

/** The steps of the statement that read a table or index from one end to the other. */
function scansIn(db: DatabaseSync, sql: string): string[] {
  return (
    db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail))
      // That index holds only what is in hand.
      .filter((detail) => detail.startsWith("SCAN") && !detail.endsWith("INDEX jobs_leased"))
      .filter((detail) => detail !== "SCAN CONSTANT ROW")
      .map((detail) => `${detail}: ${sql.replace(/\s+/g, " ").trim()}`)
  );
}

test("no statement on a job's way reads more rows than it needs, however many jobs there are", async () => {
  const { db, store, ran } = await openNoting();
  const { inbox, holds } = store;
  ran.clear();
  const former = aJob();
  await inbox.accept([former, aJob({ lane: former.lane }), aJob({ formerKey: former.key }), aJob(), aJob()]);
  await holds.hold("another", "failing", 1000);
  const owner = "server-1";
  const [done, dead, later] = await claim(inbox, { owner });
  if (!done || !dead || !later) throw new Error("three were due");
  await inbox.saveProgress(done, { joined: true });
  await inbox.settle(done, DONE, {});
  await inbox.settle(dead, { state: "dead", error: "refused" }, {});
  await inbox.settle(later, waiting(1000), {});
  await nextDueInMs(inbox, owner);
  await inbox.claim(aClaim({ owner, leaseMs: -1 }));
  await claimOne(inbox, { owner: "server-2", limit: 1 });
  await inbox.releaseAll(owner);
  await inbox.prune(0, 500);
  await holds.askedMs("webex");
  await holds.lift("another", "failing");
  await store.check();

  expect(ran.size).toBeGreaterThan(20);
  expect([...ran].flatMap((sql) => scansIn(db, sql))).toEqual([]);
});
