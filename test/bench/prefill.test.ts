import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { temporaryFolder } from "../support/store.ts";
import { countUnfinished, emptyJobs, fillJobs } from "./inbox/jobs-table.ts";
import { licensesFrom, prefill } from "./prefill.ts";
import { APP } from "./upstream/facts.ts";
import { startUpstream } from "./upstream/index.ts";

test("a database is filled with licenses whose tokens the server can read, and with jobs of each that wait", async () => {
  const path = join(temporaryFolder(), "filled.db");
  const upstream = await startUpstream();
  onTestFinished(upstream.kill);
  const made = await prefill(path, upstream, {
    licenses: licensesFrom(7, 3),
    jobsEach: 1001,
    areRenewed: true,
  });

  const { installations, close } = openSqliteStore({ path, encryptionSecretsOf: () => [APP.clientSecret] });
  const all = await installations.list();
  await close();
  expect(all.map(({ account, credentials }) => [account, credentials?.accessToken])).toEqual(
    made.map(({ account, accessToken }) => [account, accessToken]),
  );
  expect(all.map(({ account }) => account)).toEqual(["7", "8", "9"]);
  expect(countUnfinished(path)).toBe(3003);
});

test("a full inbox has as many jobs that wait as were asked for, and an emptied one has none", async () => {
  const path = join(temporaryFolder(), "full.db");
  await openSqliteStore({ path, encryptionSecretsOf: () => [] }).close();
  fillJobs(path, { settled: 1000, waiting: 100 });

  expect(countUnfinished(path)).toBe(100);
  emptyJobs(path);
  expect(countUnfinished(path)).toBe(0);
});
