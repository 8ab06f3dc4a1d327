import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { jsonText } from "../job-columns.ts";
import type { Findings } from "../store.ts";
import { type Commits, reading } from "./commits.ts";

// The table stands in migrations/05-findings.ts.
const WRITE = `
  INSERT INTO findings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
const READ = "SELECT value FROM findings WHERE name = ?";

const row = z.object({ value: jsonText });

export function createFindings(db: DatabaseSync, commits: Commits): Findings {
  const write = db.prepare(WRITE);
  const read = db.prepare(READ);
  return {
    async write(name, value) {
      await commits.write(() => write.run(name, JSON.stringify(value)));
    },
    read: async (name) =>
      reading(() => {
        const found = read.get(name);
        return found === undefined ? null : row.parse(found).value;
      }),
  };
}
