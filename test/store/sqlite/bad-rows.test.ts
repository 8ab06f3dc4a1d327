import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { aJob } from "../../support/jobs.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";
import { claimedKeys } from "../in-hand.ts";

test.each([
  ["a payload that is no JSON", "UPDATE jobs SET payload = '{\"x\":' WHERE key = ?"],
  ["progress that is no object", "UPDATE jobs SET progress = '[1]' WHERE key = ?"],
  ["times that no date can have", "UPDATE jobs SET accepted_at = 9000000000000000000 WHERE key = ?"],
])("%s, left by damage or another release, blocks no other job, and is shown", async (_what, damage) => {
  const path = join(temporaryFolder(), "test.db");
  const { inbox, desk } = openTestStore(path);
  const [bad, next, other] = [aJob({ lane: "room-1" }), aJob({ lane: "room-1" }), aJob()];
  await inbox.accept([bad, next, other]);
  const db = new DatabaseSync(path);
  db.prepare(damage).run(bad.key);
  db.close();

  const claimed = await claimedKeys(inbox);
  expect(claimed).toContain(other.key);
  expect((await desk.list({ state: null, limit: 10 })).map(({ key }) => key)).toContain(bad.key);
  const kept = await desk.find(bad.key);
  if (damage.includes("accepted_at")) expect(kept?.state).toBe("working");
  else {
    expect(kept).toMatchObject({
      state: "dead",
      lastError: expect.stringMatching(/^The job cannot be read/),
    });
    expect([...claimed, ...(await claimedKeys(inbox))]).toContain(next.key);
  }
});
