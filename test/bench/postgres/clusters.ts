import { join } from "node:path";
import pg from "pg";
import { z } from "zod";
import { openPostgresStore } from "../../../src/store/postgres/index.ts";
import { openSqliteStore } from "../../../src/store/sqlite/index.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Bench, Receiver } from "../bench.ts";
import { countUnfinished, emptyJobs } from "../inbox/jobs-table.ts";
import { save } from "../prefill.ts";
import { untilIdle } from "../servers.ts";
import { APP, type Installed } from "../upstream/facts.ts";

/** Servers on one database, all with the bot of each license. */
export type Cluster = {
  /** For people: "2 servers on PostgreSQL". */
  name: string;
  /** Shares out deliveries among them. */
  receiver: Receiver;
  pids: number[];
  isOnPostgres: boolean;
  /** Forgets all jobs, once those in hand are done. */
  empty(): Promise<void>;
  /** Resolves when no job waits or is in hand. */
  idle(): Promise<void>;
  stop(): Promise<void>;
};

type Jobs = { forget(): Promise<void>; unfinished(): Promise<number>; tidy(): Promise<void> };

const secretsOf = () => [APP.clientSecret];
const countRow = z.object({ jobs: z.number() });

/** One server on SQLite. */
export async function startOnSqlite(bench: Bench, installed: readonly Installed[]): Promise<Cluster> {
  const path = join(bench.resources.folder, "one-server.db");
  await fill(openSqliteStore({ path, encryptionSecretsOf: secretsOf }), installed);
  const jobs: Jobs = {
    forget: async () => emptyJobs(path),
    unfinished: async () => countUnfinished(path),
    tidy: async () => {},
  };
  return startCluster(bench, "1 server on SQLite", `file:${path}`, 1, jobs);
}

/** So many servers on a database of PostgreSQL in which nothing is yet. */
export async function startOnPostgres(
  bench: Bench,
  url: string,
  count: number,
  installed: readonly Installed[],
): Promise<Cluster> {
  await fill(await openPostgresStore({ url, encryptionSecretsOf: secretsOf }), installed);
  const jobs: Jobs = {
    forget: async () => void (await run(url, "DELETE FROM chatops.jobs WHERE state <> 'working'")),
    async unfinished() {
      const counting = "SELECT count(*)::int AS jobs FROM chatops.jobs WHERE state IN ('waiting', 'working')";
      return countRow.parse((await run(url, counting))[0]).jobs;
    },
    // Otherwise it would be done at any time, beside whoever is measured then.
    tidy: async () => void (await run(url, "VACUUM chatops.jobs, chatops.turns, chatops.job_counts")),
  };
  return startCluster(
    bench,
    `${count} ${count === 1 ? "server" : "servers"} on PostgreSQL`,
    url,
    count,
    jobs,
  );
}

async function fill(store: Store, installed: readonly Installed[]): Promise<void> {
  try {
    await save(store.installations, installed);
  } finally {
    await store.close();
  }
}

async function startCluster(
  bench: Bench,
  name: string,
  databaseUrl: string,
  count: number,
  { forget, unfinished, tidy }: Jobs,
): Promise<Cluster> {
  const numbers = Array.from({ length: count }, (_, n) => n + 1);
  const targets = await Promise.all(numbers.map((n) => bench.startOn(`${name}, ${n}`, databaseUrl)));
  const [first, ...others] = targets;
  if (first === undefined) throw new Error(`${name}: there is no server.`);
  return {
    name,
    receiver: { ...first, others: others.map(({ url }) => url) },
    pids: targets.map(({ pid }) => pid),
    isOnPostgres: databaseUrl.startsWith("postgres"),
    async empty() {
      await forget();
      await untilIdle(unfinished);
      await forget();
      await tidy();
    },
    idle: () => untilIdle(unfinished),
    stop: async () => void (await Promise.all(targets.map(({ stop }) => stop()))),
  };
}

/** Runs one statement on a connection of its own; resolves with its rows. */
export async function run(url: string, sql: string, values: readonly unknown[] = []): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql, values.length === 0 ? undefined : [...values])).rows;
  } finally {
    await client.end();
  }
}
