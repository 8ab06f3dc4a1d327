import { describe, expect, onTestFinished, test, vi } from "vitest";
import { lockOf } from "../../../src/store/postgres/hashes.ts";
import { openDatabaseLine } from "../../chaos/database-line.ts";
import { aJob } from "../../support/jobs.ts";
import { hasPostgres, newPostgresUrl, openTestPostgres, withClient } from "../../support/postgres.ts";

const WAITS =
  "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'";

describe.skipIf(!hasPostgres())("a connection to PostgreSQL breaks", () => {
  test("in the middle of a statement: the process goes on, and the next try keeps the job", async () => {
    const uncaught = vi.fn();
    process.prependListener("uncaughtException", uncaught);
    onTestFinished(() => void process.off("uncaughtException", uncaught));
    const url = newPostgresUrl();
    const line = await openDatabaseLine(url);
    onTestFinished(line.close);
    const { inbox, desk } = await openTestPostgres(line.url);
    const job = aJob();
    await withClient(url, async (client) => {
      // While another has the lock of its lane, the job cannot be kept.
      await client.query("SELECT pg_advisory_lock($1)", [lockOf(job.lane)]);
      const accepted = inbox.accept([job]);
      await vi.waitFor(async () => expect((await client.query(WAITS)).rowCount).toBe(1));
      line.cut();
      line.mend();
      await client.query("SELECT pg_advisory_unlock_all()");
      await accepted;
    });
    expect(await desk.countByState()).toMatchObject({ waiting: 1 });
    expect(uncaught).not.toHaveBeenCalled();
  });
});

describe.skipIf(!hasPostgres())("PostgreSQL cancels a statement that waits for a lane", () => {
  test("the next try keeps the job, and the connection is as good as before", async () => {
    const url = newPostgresUrl();
    const { inbox, desk } = await openTestPostgres(url);
    const job = aJob();
    await withClient(url, async (client) => {
      await client.query("SELECT pg_advisory_lock($1)", [lockOf(job.lane)]);
      const accepted = inbox.accept([job]);
      await vi.waitFor(async () => expect((await client.query(WAITS)).rowCount).toBe(1));
      await client.query(`SELECT pg_cancel_backend(pid) FROM (${WAITS}) AS waiting`);
      await client.query("SELECT pg_advisory_unlock_all()");
      expect(await accepted).toBe(1);
    });
    expect(await desk.countByState()).toMatchObject({ waiting: 1 });
  });
});
