import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openPostgresStore } from "../../../src/store/postgres/index.ts";
import type { Inbox } from "../../../src/store/store.ts";
import { aJob } from "../../support/jobs.ts";
import { hasPostgres, makeDatabase, newPostgresUrl, withClient } from "../../support/postgres.ts";
import { claim, DONE } from "../in-hand.ts";

const MANY = 2000;
const ROUNDS = 10;

const readRow = z.object({ rows: z.string().transform(Number) });

/** Takes a job in, claims one and ends it, so often that PostgreSQL settles on a plan for each statement. */
async function work(inbox: Inbox): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    await inbox.accept([aJob()]);
    const [job] = await claim(inbox, { owner: "one", limit: 1 });
    if (job === undefined) throw new Error("A job was due.");
    await inbox.saveProgress(job, { joined: true });
    await inbox.settle(job, DONE, { joined: true });
  }
}

describe.skipIf(!hasPostgres())("on PostgreSQL", () => {
  test("what was planned for an empty database reads no more when a burst has filled it before any statistics", async () => {
    const url = newPostgresUrl();
    await makeDatabase(url);
    const store = await openPostgresStore({ url, encryptionSecretsOf: () => [] });
    await work(store.inbox);
    await store.inbox.accept(Array.from({ length: MANY }, (_, n) => aJob({ lane: `lane-${n}` })));
    await work(store.inbox);
    // PostgreSQL counts what a connection has read when that ends.
    await store.close();

    const { rows } = await withClient(url, (client) =>
      client.query("SELECT seq_tup_read AS rows FROM pg_stat_user_tables WHERE relname = 'jobs'"),
    );
    expect(readRow.parse(rows[0]).rows).toBeLessThan(MANY);
  });
});
