import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { aJob } from "../../support/jobs.ts";
import { hasPostgres, newPostgresUrl, openTestPostgres, withClient } from "../../support/postgres.ts";
import { claim, claimedKeys, keysOf } from "../in-hand.ts";

/** The connection breaks between the commits of the next transactions, so many of them, and their answers. */
function loseCommitAnswers(times: number): void {
  let left = times;
  const query: (this: pg.Client, ...values: unknown[]) => Promise<unknown> = pg.Client.prototype.query;
  const spy = vi.spyOn(pg.Client.prototype, "query");
  onTestFinished(() => spy.mockRestore());
  spy.mockImplementation(async function (this: pg.Client, ...values: unknown[]) {
    const answer = await query.apply(this, values);
    if (values[0] !== "COMMIT" || left === 0) return answer;
    left -= 1;
    throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  });
}

/** The database refuses the next statement of this kind. */
function refuseOne(kind: RegExp): void {
  const query: (this: pg.Client, ...values: unknown[]) => Promise<unknown> = pg.Client.prototype.query;
  const spy = vi.spyOn(pg.Client.prototype, "query");
  onTestFinished(() => spy.mockRestore());
  spy.mockImplementation(async function (this: pg.Client, ...values: unknown[]) {
    if (kind.test(JSON.stringify(values[0]))) {
      spy.mockRestore();
      throw Object.assign(new Error("disk full"), { code: "53100" });
    }
    return query.apply(this, values);
  });
}

describe.skipIf(!hasPostgres())("PostgreSQL's answer to a claim is lost", () => {
  test("the next try claims the same jobs", async () => {
    const { inbox } = await openTestPostgres(newPostgresUrl());
    const jobs = [aJob(), aJob()];
    await inbox.accept(jobs);
    loseCommitAnswers(1);
    const claimed = await claim(inbox, { owner: "one", limit: 1 });
    expect(claimed).toMatchObject([{ key: jobs[0]?.key, attempts: 1 }]);
    expect(await claim(inbox, { owner: "one" })).toMatchObject([{ key: jobs[1]?.key }]);
  });

  test("and no try is answered in time: the jobs wait for the next claim, and keep their order", async () => {
    const { inbox } = await openTestPostgres(newPostgresUrl());
    const jobs = [aJob({ lane: "webex:room" }), aJob({ lane: "webex:room" }), aJob()];
    await inbox.accept(jobs);
    loseCommitAnswers(1000);
    await expect(claim(inbox, { owner: "one" })).rejects.toThrow("could not be written");
    vi.restoreAllMocks();
    expect(keysOf(await claim(inbox, { owner: "one" }))).toEqual([jobs[0]?.key, jobs[2]?.key]);
  }, 20_000);
});

describe.skipIf(!hasPostgres())(
  "while another server claims, a claim has got a part, and asking for the rest fails",
  () => {
    test("it returns its part; the rest comes later", async () => {
      const url = newPostgresUrl();
      const { inbox } = await openTestPostgres(url);
      const [first, second] = [aJob({ quota: "first" }), aJob({ quota: "second" })];
      await inbox.accept([first, second]);
      await withClient(url, async (client) => {
        await client.query("BEGIN");
        await client.query("SELECT FROM chatops.turns WHERE quota = 'second' FOR UPDATE");
        refuseOne(/LIMIT 1 FOR UPDATE/);
        expect(await claimedKeys(inbox, { owner: "one" })).toEqual([first.key]);
        await client.query("ROLLBACK");
      });
      expect(await claimedKeys(inbox, { owner: "one" })).toEqual([second.key]);
    });
  },
);
