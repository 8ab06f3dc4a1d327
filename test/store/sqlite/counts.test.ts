import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../../src/store/sqlite/open.ts";
import { aJob } from "../../support/jobs.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";
import { aClaim } from "../in-hand.ts";

test("the stored counts are right, whatever happens to the jobs", async () => {
  const path = join(temporaryFolder(), "test.db");
  const { inbox, desk } = openTestStore(path);
  const db = openDatabase(path);
  const counted = () =>
    Object.fromEntries(
      db
        .prepare(
          "SELECT state, count(*) AS jobs FROM (SELECT state FROM jobs UNION ALL SELECT state FROM settled) GROUP BY state",
        )
        .all()
        .map(({ state, jobs }) => [state, jobs]),
    );
  const jobs = Array.from({ length: 10 }, () => aJob());

  await inbox.accept([...jobs, jobs[0] ?? aJob()]);
  const claimed = await inbox.claim(aClaim({ owner: "worker-1", limit: 6, leaseMs: 60_000 }));
  const [first, second, third] = claimed;
  if (!first || !second || !third) throw new Error("there were three to claim");
  await inbox.settle(first, { state: "done", outcome: "replied" }, {});
  await inbox.settle(second, { state: "dead", error: "refused" }, {});
  await inbox.settle(third, { state: "waiting", error: "later", afterMs: 60_000 }, {});

  expect(await desk.countByState()).toEqual({ waiting: 5, working: 3, done: 1, dead: 1 });
  expect(counted()).toEqual({ waiting: 5, working: 3, done: 1, dead: 1 });

  await desk.retry(second.key);
  await desk.drop(first.key);
  await inbox.recover();

  expect(await desk.countByState()).toEqual({ waiting: 9, working: 0, done: 0, dead: 0 });
  expect(counted()).toEqual({ waiting: 9 });
  db.close();
});
