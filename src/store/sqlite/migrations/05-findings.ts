/** What the server has found out, to be known after a restart. The SQL is part of the database: never edit it. */
const TABLE = "CREATE TABLE findings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;";

export const FINDINGS: readonly string[] = [TABLE];
