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

function stepsOf(db: DatabaseSync, sql: string): string[] {
  return db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map(({ detail }) => String(detail));
}

/** The steps of the statement that read a table or index from one end to the other. */
function scansIn(db: DatabaseSync, sql: string): string[] {
  return (
    stepsOf(db, sql)
      // That index holds only what is in hand.
      .filter((detail) => detail.startsWith("SCAN") && !detail.endsWith("INDEX jobs_leased"))
      // A row for each state and platform.
      .filter((detail) => detail !== "SCAN job_counts")
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

test("no statement for a list reads a table or index from one end to the other, whatever the filter", async () => {
  const { db, store, ran } = await openNoting();
  const { inbox, desk } = store;
  await inbox.accept([aJob(), aJob(), aJob()]);
  const [done, dead] = await claim(inbox, { owner: "server-1", limit: 2 });
  if (!done || !dead) throw new Error("two were due");
  await inbox.settle(done, DONE, {});
  await inbox.settle(dead, { state: "dead", error: "refused" }, {});
  ran.clear();

  for (const state of [null, "waiting", "working", "done", "dead"] as const) {
    for (const of of [undefined, { platform: "webex" }, { quotas: ["webex"] }]) {
      const [first] = await desk.list({ state, ...(of && { of }), limit: 1 });
      const position = first?.position ?? "";
      await desk.list({ state, ...(of && { of }), limit: 1, from: { olderThan: position } });
      await desk.list({ state, ...(of && { of }), limit: 1, from: { newerThan: position } });
    }
  }
  await desk.find(done.key);
  await desk.retryAllDead();

  expect(ran.size).toBeGreaterThan(25);
  expect([...ran].flatMap((sql) => scansIn(db, sql))).toEqual([]);
  // What an index has in order need not be sorted, which takes all rows.
  const sorted = [...ran].filter((sql) => stepsOf(db, sql).some((step) => step.includes("TEMP B-TREE")));
  expect(sorted.filter((sql) => !sql.includes("INDEXED BY jobs_leased"))).toEqual([]);
});
