import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { NO_CALLS } from "../../../src/store/store.ts";
import { aJob } from "../../support/jobs.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";
import { claimOne, DONE, keysOf } from "../in-hand.ts";

/** What the last release before the calls of attempts had otherwise. */
const AS_BEFORE = `
  ALTER TABLE jobs DROP COLUMN first_accepted_at;
  ALTER TABLE jobs DROP COLUMN earlier_attempts;
  ALTER TABLE settled DROP COLUMN first_accepted_at;
  ALTER TABLE settled DROP COLUMN earlier_attempts;
  DROP TABLE findings;
  DROP INDEX settled_by_platform;
  DROP INDEX settled_by_quota;
  CREATE INDEX settled_by_state ON settled (state, settled_at, seq);
  UPDATE settled SET history = '[[1790000000000,45,"done","replied"]]';
  PRAGMA user_version = `;

function versionOf(path: string): number {
  const plain = new DatabaseSync(path);
  const version = Number(plain.prepare("PRAGMA user_version").get()?.user_version);
  plain.close();
  return version;
}

test("attempts that the release before has written are read, and that release does not touch the database again", async () => {
  const path = join(temporaryFolder(), "test.db");
  const before = openTestStore(path);
  await before.inbox.accept([aJob({ key: "webex:old" })]);
  await before.inbox.settle(await claimOne(before.inbox), DONE, {});
  await before.close();
  const newest = versionOf(path);
  const plain = new DatabaseSync(path);
  plain.exec(`${AS_BEFORE}${newest - 3}`);
  plain.close();

  const { desk } = openTestStore(path);

  expect(keysOf(await desk.list({ state: "done", of: { quotas: ["webex"] }, limit: 9 }))).toEqual([
    "webex:old",
  ]);
  expect((await desk.find("webex:old"))?.history).toEqual([
    { startedAt: 1_790_000_000_000, ms: 45, end: "done", says: "replied", calls: NO_CALLS },
  ]);
  // A release refuses a database whose version it does not know.
  expect(versionOf(path)).toBe(newest);
});
