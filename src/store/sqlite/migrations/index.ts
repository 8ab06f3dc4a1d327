import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { ConfigError } from "../../../errors.ts";
import { FIRST } from "./01-first.ts";
import { SETTLED_JOBS } from "./02-settled-jobs.ts";
import { ACCOUNTS } from "./03-accounts.ts";
import { LISTS } from "./04-lists.ts";
import { FINDINGS } from "./05-findings.ts";
import { RETRIES } from "./06-retries.ts";

/** Append only: a migration that has run on somebody's database is never edited. */
const MIGRATIONS: readonly string[] = [
  ...FIRST,
  ...SETTLED_JOBS,
  ...ACCOUNTS,
  ...LISTS,
  ...FINDINGS,
  ...RETRIES,
];

const versionRow = z.object({ user_version: z.number() });

function versionOf(db: DatabaseSync): number {
  return versionRow.parse(db.prepare("PRAGMA user_version").get()).user_version;
}

/** Throws ConfigError if a newer release of the server has written the database. */
export function verifyVersion(db: DatabaseSync, path: string): void {
  const version = versionOf(db);
  if (version <= MIGRATIONS.length) return;
  throw new ConfigError(
    `DATABASE_URL: the database ${path} has version ${version}, and this release knows versions up to ${MIGRATIONS.length}: a newer release has written it. Start that one, or name another file in DATABASE_URL.`,
  );
}

/** Whether no release has written the database yet. */
export function isNew(db: DatabaseSync): boolean {
  return versionOf(db) === 0;
}

/** Whether the database is not of the newest version. */
export function isBehind(db: DatabaseSync): boolean {
  return versionOf(db) < MIGRATIONS.length;
}

/** Brings the database to the newest version. Several processes may do so at once: one of them runs each migration. */
export function migrate(db: DatabaseSync): void {
  for (const [version, migration] of MIGRATIONS.entries()) {
    if (versionOf(db) > version) continue;
    db.exec("BEGIN IMMEDIATE");
    if (versionOf(db) === version) db.exec(`${migration} PRAGMA user_version = ${version + 1};`);
    db.exec("COMMIT");
  }
}
