import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { aJob } from "../../support/jobs.ts";
import { hasPostgres, newPostgresUrl, openTestPostgres, withClient } from "../../support/postgres.ts";
import { claim, claimedKeys, keysOf } from "../in-hand.ts";

/** Stands between the store and its connections: `wrap` gets each statement, as JSON, and what sends it. */
function intercept(wrap: (statement: string, send: () => Promise<unknown>) => Promise<unknown>): void {
  const query: (this: pg.Client, ...values: unknown[]) => Promise<unknown> = pg.Client.prototype.query;
  const spy = vi.spyOn(pg.Client.prototype, "query");
  onTestFinished(() => spy.mockRestore());
  spy.mockImplementation(function (this: pg.Client, ...values: unknown[]) {
    return wrap(JSON.stringify(values[0]), () => query.apply(this, values));
  });
}

/** The connection breaks between the commits of the next transactions, so many of them, and their answers. */
function loseCommitAnswers(times: number): void {
  let left = times;
  intercept(async (statement, send) => {
    const answer = await send();
    if (statement !== '"COMMIT"' || left === 0) return answer;
    left -= 1;
    throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  });
}

/** The database refuses the next statement that asks for the rest of a claim. */
function refuseTheRest(): void {
  let left = 1;
  intercept((statement, send) => {
    if (!statement.includes("LIMIT 1 FOR UPDATE") || left === 0) return send();
    left = 0;
    throw Object.assign(new Error("disk full"), { code: "53100" });
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
        refuseTheRest();
        expect(await claimedKeys(inbox, { owner: "one" })).toEqual([first.key]);
        await client.query("ROLLBACK");
      });
      expect(await claimedKeys(inbox, { owner: "one" })).toEqual([second.key]);
    });
  },
);
