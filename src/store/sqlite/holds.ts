import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { Holds } from "../store.ts";
import { type Commits, reading } from "./commits.ts";

/** The later end counts. One that is further away than it ever was long was written by a clock that was ahead. */
const HOLD = `
  INSERT INTO holds (quota, reason, pause_ms, set_at, ends_at) VALUES (:quota, 'asked', :forMs, :now, :now + :forMs)
  ON CONFLICT (quota, reason) DO UPDATE SET
    pause_ms = excluded.pause_ms, set_at = excluded.set_at, ends_at = excluded.ends_at
    WHERE excluded.ends_at > ends_at OR ends_at - :now > ends_at - set_at`;

const LIST = "SELECT quota, min(ends_at - :now, ends_at - set_at) AS ms FROM holds WHERE ends_at > :now";

const holdRow = z.object({ quota: z.string(), ms: z.number() });

export function createHolds(db: DatabaseSync, commits: Commits): Holds {
  const hold = db.prepare(HOLD);
  const list = db.prepare(LIST);
  const forget = db.prepare("DELETE FROM holds WHERE ends_at <= ?");

  return {
    hold: (quota, forMs) =>
      commits.write(() => {
        const now = Date.now();
        forget.run(now);
        hold.run({ quota, now, forMs: Math.round(forMs) });
      }),
    list: async () =>
      reading(() => {
        const rows = list.all({ now: Date.now() }).map((row) => holdRow.parse(row));
        return new Map(rows.map(({ quota, ms }) => [quota, ms]));
      }),
  };
}
