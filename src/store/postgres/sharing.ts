import { z } from "zod";
import { jsonText } from "../job-columns.ts";
import type { Findings, MinuteCounts } from "../store.ts";
import { reading, writing } from "./commits.ts";
import type { Connections } from "./connections.ts";

/** A name that was taken in the future, by a clock since set back, is free. */
const ONCE = `
  INSERT INTO chatops.taken_names AS known (name, taken_at, free_at)
  VALUES ($1, chatops.now_ms(), chatops.now_ms() + $2)
  ON CONFLICT (name) DO UPDATE SET taken_at = excluded.taken_at, free_at = excluded.free_at
    WHERE known.free_at <= excluded.taken_at OR known.taken_at > excluded.taken_at
  RETURNING name`;

/** True for the first who asks with this name; false for all others in the `forMs` milliseconds after. */
export async function once(
  { query }: Pick<Connections, "query">,
  name: string,
  forMs: number,
): Promise<boolean> {
  return (await writing(() => query(ONCE, [name, forMs]))).length === 1;
}

const WRITE_FINDING = `
  INSERT INTO chatops.findings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
const READ_FINDING = "SELECT value FROM chatops.findings WHERE name = $1";
const findingRow = z.object({ value: jsonText });

export function createFindings({ query }: Pick<Connections, "query">): Findings {
  return {
    async write(name, value) {
      await writing(() => query(WRITE_FINDING, [name, JSON.stringify(value)]));
    },
    read: (name) =>
      reading(async () => {
        const [row] = await query(READ_FINDING, [name]);
        return row === undefined ? null : findingRow.parse(row).value;
      }),
  };
}

const WRITE_MINUTE = `
  INSERT INTO chatops.minutes (minute, server, counts) VALUES ($1, $2, $3)
  ON CONFLICT (minute, server) DO UPDATE SET counts = excluded.counts`;
const READ_MINUTES =
  "SELECT minute, counts FROM chatops.minutes WHERE minute >= $1 AND server <> $2 ORDER BY minute";
const FIRST_START = "SELECT min(started_at) AS since FROM chatops.servers WHERE name <> $1";
const minuteRow = z.object({ minute: z.number(), counts: jsonText });
const sinceRow = z.object({ since: z.number().nullable() });

/** What the servers count; `own`: the name of this one. */
export function createMinuteCounts({ query }: Pick<Connections, "query">, own: string): MinuteCounts {
  return {
    areKept: true,
    async write(minute, counts) {
      await writing(() => query(WRITE_MINUTE, [minute, own, JSON.stringify(counts)]));
    },
    ofOthers: (from) =>
      reading(async () => {
        const rows = await query(READ_MINUTES, [from, own]);
        const [first] = await query(FIRST_START, [own]);
        return { counts: rows.map((row) => minuteRow.parse(row)), since: sinceRow.parse(first).since };
      }),
  };
}

/** Deletes what nobody will ask for any more. */
export async function forgetOld({ query }: Pick<Connections, "query">): Promise<void> {
  await query("DELETE FROM chatops.taken_names WHERE free_at <= chatops.now_ms()", []);
  await query("DELETE FROM chatops.minutes WHERE minute < chatops.now_ms() / 60000 - 120", []);
}
