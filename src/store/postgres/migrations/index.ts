import { z } from "zod";
import { ConfigError } from "../../../errors.ts";
import type { Connections, Query } from "../connections.ts";
import { FIRST } from "./01-first.ts";
import { RETRIES } from "./02-retries.ts";

/** Append only: a migration that has run on somebody's database is never edited. */
const MIGRATIONS: readonly string[] = [...FIRST, ...RETRIES];

/** Advisory locks belong to the database, and other programs may use them: any number that nobody else takes. */
const MIGRATION_LOCK = 4_187_562_093n;

/** Reads the tables: to_regclass may answer from a cache that does not know what was created while we waited for the lock. */
const EXISTS = `
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'chatops' AND c.relname = 'version') AS exists`;
const VERSION = "SELECT version FROM chatops.version";

const existsRow = z.object({ exists: z.boolean() });
const versionRow = z.object({ version: z.number() });

/**
 * Brings the database to the newest version. Of several servers that start at once, one runs the migrations; the others
 * wait. Throws ConfigError if a newer release has written the database.
 */
export async function migrate(connections: Connections): Promise<void> {
  // Without a lock first: a server whose role may not create anything can use a database that is up to date.
  if ((await versionOf(connections.query)) === MIGRATIONS.length) return;
  await connections.transaction({ locks: [MIGRATION_LOCK] }, async (query) => {
    const version = await versionOf(query);
    if (version > MIGRATIONS.length) throw newer(version);
    if (version === 0) await begin(query);
    for (const migration of MIGRATIONS.slice(version)) await query(migration);
    await query("UPDATE chatops.version SET version = $1", [MIGRATIONS.length]);
  });
}

async function versionOf(query: Query): Promise<number> {
  const [found] = await query(EXISTS);
  if (!existsRow.parse(found).exists) return 0;
  const [row] = await query(VERSION);
  return versionRow.parse(row).version;
}

async function begin(query: Query): Promise<void> {
  const [found] = await query("SELECT to_regnamespace('chatops') IS NOT NULL AS exists");
  // A role that may not create schemas can be given this one.
  if (!existsRow.parse(found).exists) await query("CREATE SCHEMA chatops");
  await query("CREATE TABLE chatops.version (version integer NOT NULL)");
  await query("INSERT INTO chatops.version VALUES (0)");
}

function newer(version: number): ConfigError {
  return new ConfigError(
    `DATABASE_URL: the database has version ${version}, and this release knows versions up to ${MIGRATIONS.length}: a newer release has written it. Start that one, or name another database in DATABASE_URL.`,
  );
}
