import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { markRow, REFUSAL, verifyUnmarked } from "../move-marks.ts";
import type { Mark } from "../transfer.ts";
import type { Connections, Query } from "./connections.ts";

const HAS_TABLE = "SELECT to_regclass('chatops.moved') IS NOT NULL AS has_table";
const READ = "SELECT kind, other, at FROM chatops.moved";

/** Not a migration: only a database that has taken part in a move has this table. */
const TABLE =
  "CREATE TABLE IF NOT EXISTS chatops.moved (kind text NOT NULL, other text NOT NULL, at bigint NOT NULL)";
const WRITE = "INSERT INTO chatops.moved (kind, other, at) VALUES ($1, $2, $3)";
const REMOVE = "DELETE FROM chatops.moved";
const UNGUARD = "DROP FUNCTION IF EXISTS chatops.refuse_moved CASCADE";

/** A server that was cut off before the move, and believed dead, must not go on afterwards. */
const GUARD = [
  `CREATE FUNCTION chatops.refuse_moved() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN RAISE EXCEPTION '${REFUSAL}'; END $$`,
  ...["jobs", "installation_leases"].map(
    (table) =>
      `CREATE TRIGGER moved BEFORE INSERT OR UPDATE ON chatops.${table} EXECUTE FUNCTION chatops.refuse_moved()`,
  ),
];

/** A move holds this lock on the list of servers, in which every server has to enter itself. */
export const MOVE_LOCK = "LOCK TABLE chatops.servers IN SHARE ROW EXCLUSIVE MODE";
const IS_MOVING = `
  SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND relation = 'chatops.servers'::regclass AND mode = 'ShareRowExclusiveLock' AND granted) AS is_moving`;

const tableRow = z.object({ has_table: z.boolean() });
const movingRow = z.object({ is_moving: z.boolean() });

/** Null: the database takes part in no move. */
export async function readMark(query: Query): Promise<Mark | null> {
  if (!(await hasTable(query))) return null;
  const [row] = await query(READ);
  return row === undefined ? null : markRow.parse(row);
}

/** Call it inside a transaction, and so the other. */
export async function writeMark(query: Query, { kind, other, at }: Mark): Promise<void> {
  await removeMark(query);
  await query(TABLE);
  await query(WRITE, [kind, other, at]);
  if (kind !== "moved") return;
  for (const sql of GUARD) await query(sql);
}

export async function removeMark(query: Query): Promise<void> {
  if (await hasTable(query)) await query(REMOVE);
  await query(UNGUARD);
}

async function hasTable(query: Query): Promise<boolean> {
  const [found] = await query(HAS_TABLE);
  return tableRow.parse(found).has_table;
}

/** Throws ConfigError if neither a server nor a command may use the database. */
export async function verifyNotMarked({ query }: Pick<Connections, "query">, url: string): Promise<void> {
  verifyUnmarked(await readMark(query), placeOf(url));
}

/** Throws ConfigError while everything is being moved from here. */
export async function verifyNotMoving({ query }: Pick<Connections, "query">, url: string): Promise<void> {
  const [row] = await query(IS_MOVING);
  if (!movingRow.parse(row).is_moving) return;
  throw new ConfigError(
    `DATABASE_URL: everything in ${placeOf(url)} is being moved to another database. Wait until npm run migrate-store has ended; it says what to do then.`,
  );
}

/** The database's address as people may read it: without user and password. */
export function placeOf(url: string): string {
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = hostname || searchParams.get("host") || "localhost";
  return `postgres://${host}:${port || searchParams.get("port") || 5432}${pathname}`;
}
