import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { z } from "zod";
import { openPostgresStore } from "../../src/store/postgres/index.ts";

/** What chaos looks up in PostgreSQL, by connections of its own. All wait while PostgreSQL is being restarted. */
export type ChaosDatabase = {
  /** Keys of the jobs in hand: of one server, or of all. */
  inHand(server?: string): Promise<string[]>;
  /** How many statements are under way that came from these ports. */
  underWay(ports: ReadonlySet<number>): Promise<number>;
  /** Names of the servers that have beaten since `since`, in ms since 1970. */
  beating(since: number): Promise<string[]>;
  /** As if that server had last beaten so many milliseconds earlier. */
  setBeatBack(server: string, ms: number): Promise<void>;
  /** How many jobs wait or are in hand. */
  countUnsettled(): Promise<number>;
  /** Jobs that have not come to an end or died, a line each. */
  unfinished(): Promise<string[]>;
  /** What is known of the job of the message with this id, in a line. */
  historyOf(id: string): Promise<string>;
  /** The longest time from keeping a job to its end, in ms, and what is known of that job. */
  longestWait(): Promise<{ ms: number; line: string }>;
};

const PATIENCE_MS = 20_000;

const IN_HAND = `
  SELECT key FROM chatops.jobs WHERE state = 'working' AND ($1::text IS NULL OR leased_by = $1)`;
const COUNT = "SELECT count(*)::int AS jobs FROM chatops.jobs WHERE state IN ('waiting', 'working')";
const UNDER_WAY =
  "SELECT count(*)::int AS jobs FROM pg_stat_activity WHERE state = 'active' AND client_port = ANY($1)";
const LINE = `
  SELECT coalesce(settled_at - accepted_at, 0)::int AS ms,
    concat_ws(' ', 'job', seq, key, 'accepted at', accepted_at, 'settled after', settled_at - accepted_at, state, attempts, leased_by, progress, last_error, history::text) AS line FROM chatops.jobs`;
const LONGEST = `${LINE} WHERE settled_at IS NOT NULL ORDER BY settled_at - accepted_at DESC LIMIT 1`;

const keyRow = z.object({ key: z.string() });
const nameRow = z.object({ name: z.string() });
const countRow = z.object({ jobs: z.number() });
const lineRow = z.object({ ms: z.number(), line: z.string() });

/** Makes the tables, unless they are there. */
export async function openChaosDatabase(url: string): Promise<ChaosDatabase> {
  await (await openPostgresStore({ url, encryptionSecretsOf: () => [] })).close();
  async function ask(sql: string, values: readonly unknown[] = []): Promise<unknown[]> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await askOnce(url, sql, values);
      } catch (error) {
        if (performance.now() > until) throw error;
        await sleep(50);
      }
    }
  }

  return {
    inHand: async (server) => (await ask(IN_HAND, [server ?? null])).map((row) => keyRow.parse(row).key),
    underWay: async (ports) => countRow.parse((await ask(UNDER_WAY, [[...ports]]))[0]).jobs,
    beating: async (since) => {
      const rows = await ask("SELECT name FROM chatops.servers WHERE beat_at >= $1 ORDER BY started_at", [
        since,
      ]);
      return rows.map((row) => nameRow.parse(row).name);
    },
    setBeatBack: async (server, ms) => {
      await ask("UPDATE chatops.servers SET beat_at = beat_at - $2 WHERE name = $1", [server, ms]);
    },
    countUnsettled: async () => countRow.parse((await ask(COUNT))[0]).jobs,
    unfinished: async () =>
      (await ask(`${LINE} WHERE state <> 'done'`)).map((row) => lineRow.parse(row).line),
    historyOf: async (id) =>
      (await ask(`${LINE} WHERE key LIKE '%' || $1`, [id])).map((row) => lineRow.parse(row).line).join("\n"),
    longestWait: async () => lineRow.parse((await ask(LONGEST))[0]),
  };
}

async function askOnce(url: string, sql: string, values: readonly unknown[]): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  // It breaks when PostgreSQL is killed; the query tells.
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query(sql, [...values])).rows;
  } finally {
    await client.end().catch(() => {});
  }
}
