import type { DatabaseSync } from "node:sqlite";
import { markRow, REFUSAL, verifyUnmarked } from "../move-marks.ts";
import type { Mark } from "../transfer.ts";

/** Not a migration: only a database that takes part in a move has this table. */
const TABLE = `
  CREATE TABLE moved (
    id INTEGER PRIMARY KEY CHECK (id = 1), kind TEXT NOT NULL, other TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT`;
const HAS_TABLE = "SELECT 1 FROM sqlite_schema WHERE name = 'moved'";

/** A server of a release that does not know the mark neither accepts a job, nor does one, nor renews a token. */
const GUARDS = ["jobs", "installation_leases"].flatMap((table) =>
  ["INSERT", "UPDATE"].map((act) => ({ name: `moved_${table}_${act.toLowerCase()}`, act, table })),
);

/** Null: the database takes part in no move. */
export function readMark(db: DatabaseSync): Mark | null {
  if (db.prepare(HAS_TABLE).get() === undefined) return null;
  const row = db.prepare("SELECT kind, other, at FROM moved").get();
  return row === undefined ? null : markRow.parse(row);
}

/** Call it inside a transaction, and so the others. */
export function writeMark(db: DatabaseSync, { kind, other, at }: Mark): void {
  removeMark(db);
  db.exec(TABLE);
  db.prepare("INSERT INTO moved (id, kind, other, at) VALUES (1, ?, ?, ?)").run(kind, other, at);
  if (kind !== "moved") return;
  for (const { name, act, table } of GUARDS)
    db.exec(`CREATE TRIGGER ${name} BEFORE ${act} ON ${table} BEGIN SELECT RAISE(ABORT, '${REFUSAL}'); END`);
}

export function removeMark(db: DatabaseSync): void {
  for (const { name } of GUARDS) db.exec(`DROP TRIGGER IF EXISTS ${name}`);
  db.exec("DROP TABLE IF EXISTS moved");
}

/** Throws ConfigError if neither a server nor a command may use the database. */
export function verifyNotMarked(db: DatabaseSync, path: string): void {
  verifyUnmarked(readMark(db), placeOf(path));
}

/** The file as a setting names it. */
export function placeOf(path: string): string {
  return `file:${path}`;
}
