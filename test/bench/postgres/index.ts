import { chmodSync } from "node:fs";
import { z } from "zod";
import { type LocalPostgres, startLocalPostgres } from "../../../src/demo/postgres.ts";
import type { Bench } from "../bench.ts";
import { describeMachine, type Machine } from "../machine.ts";
import { run, startOnPostgres, startOnSqlite } from "./clusters.ts";
import { measureInboxes } from "./inboxes.ts";
import { measureRates, type Rates } from "./rates.ts";
import { openTenants } from "./tenants.ts";

/** As many licenses send deliveries. */
const TENANTS = 100;

export type PostgresResults = Rates & {
  /** ISO 8601. */
  date: string;
  machine: Machine;
  /** Of PostgreSQL. */
  version: string;
};

const serverRow = z.object({ version: z.string(), pid: z.number() });
const SERVER = `
  SELECT current_setting('server_version') AS version, split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid`;

/** Starts a PostgreSQL that syncs to the disk, and measures one, two and three servers on it beside one on SQLite. */
export async function measurePostgres(bench: Bench, tell: (line: string) => void): Promise<PostgresResults> {
  const { folder } = bench.resources;
  const machine = describeMachine(folder);
  // PostgreSQL may run as a user of its own, who must get at its data.
  chmodSync(folder, 0o755);
  const postgres = await startLocalPostgres({ folder });
  try {
    const { version, pid } = serverRow.parse((await run(postgres.url, SERVER))[0]);
    tell(`PostgreSQL ${version}`);
    const rates = await measureServers(bench, postgres, pid);
    tell("acks and reactions");
    const [empty, full] = [
      await newDatabase(postgres, "empty_inbox"),
      await newDatabase(postgres, "full_inbox"),
    ];
    const inboxes = await measureInboxes(bench, { empty, full });
    tell("inbox");
    const figures = [...rates.figures, ...inboxes];
    return { date: new Date().toISOString(), machine, version, ...rates, figures };
  } finally {
    await postgres.stop();
  }
}

/** `pid`: of PostgreSQL's first process. */
async function measureServers(bench: Bench, postgres: LocalPostgres, pid: number): Promise<Rates> {
  const installed = await openTenants(bench, TENANTS, bench.pace.chats);
  const sqlite = await startOnSqlite(bench, installed);
  const others = [];
  for (const count of bench.pace.servers) {
    const url = await newDatabase(postgres, `servers_${count}`);
    others.push(await startOnPostgres(bench, url, count, installed));
  }
  const rates = await measureRates(bench, [sqlite, ...others], pid);
  await Promise.all([sqlite, ...others].map(({ stop }) => stop()));
  return rates;
}

/** Returns its URL. */
async function newDatabase(postgres: LocalPostgres, name: string): Promise<string> {
  await run(postgres.url, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  return url.href;
}
