import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openPostgresServerStore } from "../../../src/store/postgres/index.ts";
import { aJob, anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { hasPostgres, makeDatabase, newPostgresUrl, withClient } from "../../support/postgres.ts";
import { claim, DEAD, DONE, waiting } from "../in-hand.ts";

/** Tables with a row for each server, platform or pause, which are few. */
const SMALL =
  /^(servers|holds|job_counts|installation_counts|version|news|taken_names|findings|minutes|write_check)$/;

/** Does everything that a server does with its store. */
async function doEverything(url: string): Promise<void> {
  const store = await openPostgresServerStore({
    url,
    encryptionSecretsOf: () => ["client-secret-invented"],
    log: createLogSink().log,
  });
  const { inbox, desk, holds, installations, servers } = store;
  await inbox.recover();
  await inbox.accept([
    aJob({ formerKey: "former" }),
    aJob(),
    aJob(),
    aJob({ lane: "lane" }),
    aJob({ lane: "lane" }),
  ]);
  await inbox.nextDueInMs("one", ["webex", "chatio"]);
  const [first, second, third] = await claim(inbox, { owner: "one" });
  if (!first || !second || !third) throw new Error("three jobs were due");
  await inbox.saveProgress(first, { joined: true });
  await inbox.settle(first, DONE, {});
  await inbox.settle(second, DEAD, {});
  await inbox.settle(third, waiting(1000), {});
  await desk.find(first.key);
  for (const state of [null, "waiting", "working", "done", "dead"] as const) {
    for (const of of [undefined, { platform: "webex" }, { quotas: ["webex"] }]) {
      const page = await desk.list({ state, limit: 2, ...(of && { of }) });
      const last = page.at(-1);
      if (last) await desk.list({ state, limit: 2, from: { olderThan: last.position }, ...(of && { of }) });
      if (last) await desk.list({ state, limit: 2, from: { newerThan: last.position }, ...(of && { of }) });
    }
  }
  await desk.countByState();
  await desk.countUnsettled();
  await desk.countUnsettledLanes("webex", 10);
  await desk.longestWaitMs();
  await desk.retry(second.key);
  await desk.drop(second.key);
  await desk.retryAllDead();
  await holds.hold("webex", "asked", 1000);
  await holds.lift("webex", "asked");
  await holds.askedMs("webex");
  const licenses = installations.of("chatio");
  await licenses.save(anInstallation());
  await licenses.replace(anInstallation(), anInstallation().credentials);
  await licenses.find("1520");
  await licenses.findByLookup("lookup");
  await licenses.due({ after: null, limit: 10, clockToleranceMs: 0 });
  await licenses.working({ after: null, limit: 10 });
  await licenses.nextExpiry();
  await licenses.lease("1520", "one", 1000);
  await licenses.release("1520", "one");
  await licenses.remove("1520");
  await servers.list();
  await servers.once("name", 1000);
  await inbox.prune(1000, 10);
  await inbox.releaseAll("one");
  await store.close();
}

/** The statements with values that were sent to PostgreSQL. */
async function statementsOf(work: () => Promise<void>): Promise<string[]> {
  const query = vi.spyOn(pg.Client.prototype, "query");
  onTestFinished(() => query.mockRestore());
  await work();
  const texts = query.mock.calls.map(([given]: unknown[]) =>
    typeof given === "object" && given !== null && "text" in given ? String(given.text) : "",
  );
  return [...new Set(texts)].filter((text) => /\$1\b|chatops\./.test(text));
}

describe.skipIf(!hasPostgres())("on PostgreSQL", () => {
  test("every statement finds its rows by an index, whatever else is in the tables", async () => {
    const url = newPostgresUrl();
    await makeDatabase(url);
    const statements = await statementsOf(() => doEverything(url));
    expect(statements.length).toBeGreaterThan(60);
    await withClient(url, async (client) => {
      // Then a table is read as a whole only where no index serves.
      await client.query("SET enable_seqscan = off");
      await client.query("SET enable_bitmapscan = off");
      for (const statement of statements) {
        const { rows } = await client.query(`EXPLAIN (GENERIC_PLAN) ${statement}`);
        const plan = rows.map((row) => String(row["QUERY PLAN"])).join("\n");
        const scanned = [...plan.matchAll(/Seq Scan on (\w+)/g)].map(([, table = ""]) => table);
        expect(
          scanned.filter((table) => !SMALL.test(table)),
          `${statement}\n${plan}`,
        ).toEqual([]);
      }
    });
  });
});
