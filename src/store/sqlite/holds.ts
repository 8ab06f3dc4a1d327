import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { Holds } from "../store.ts";
import { HOLD_REASONS } from "../store.ts";
import { type Commits, reading } from "./commits.ts";
import type { Turns } from "./turns.ts";

/** The later end counts, unless more time is left than the hold had in all: then a clock that was ahead set it. */
const HOLD = `
  INSERT INTO holds (quota, reason, pause_ms, set_at, ends_at) VALUES (:quota, :reason, :forMs, :now, :now + :forMs)
  ON CONFLICT (quota, reason) DO UPDATE SET
    pause_ms = excluded.pause_ms, set_at = excluded.set_at, ends_at = excluded.ends_at
    WHERE excluded.ends_at > ends_at OR ends_at - :now > ends_at - set_at`;

const ASKED = `
  SELECT max(min(ends_at - :now, ends_at - set_at), 0) AS ms FROM holds WHERE quota = :quota AND reason = 'asked'`;
const LIST = `
  SELECT quota, reason, pause_ms, max(min(ends_at - :now, ends_at - set_at), 0) AS ms FROM holds
  WHERE reason = 'failing' OR ends_at > :now`;

const PULL_IN = `
  UPDATE jobs SET next_attempt_at = :now
  WHERE quota = :quota AND state = 'waiting' AND is_first = 1 AND next_attempt_at > :now`;

const msRow = z.object({ ms: z.number() });
const holdRow = z
  .object({ quota: z.string(), reason: z.enum(HOLD_REASONS), pause_ms: z.number(), ms: z.number() })
  .transform(({ quota, reason, pause_ms: pauseMs, ms }) => ({ quota, reason, pauseMs, ms }));

export function createHolds(db: DatabaseSync, commits: Commits, turns: Turns): Holds {
  const hold = db.prepare(HOLD);
  const asked = db.prepare(ASKED);
  const list = db.prepare(LIST);
  const pullIn = db.prepare(PULL_IN);
  const lift = db.prepare("DELETE FROM holds WHERE quota = ? AND reason = ?");

  return {
    hold: (quota, reason, forMs) =>
      commits.write(() => {
        const now = Date.now();
        hold.run({ quota, reason, now, forMs: Math.round(forMs) });
        turns.holdChanged(quota);
      }),
    lift: async (quota, reason) => {
      await commits.write(() => {
        lift.run(quota, reason);
        // An operator who lifts a pause that the platform asked for wants the jobs to run now.
        if (reason === "asked") pullIn.run({ quota, now: Date.now() });
        turns.holdChanged(quota);
      });
    },
    askedMs: async (quota) =>
      reading(() => {
        const row = asked.get({ quota, now: Date.now() });
        return row === undefined ? null : msRow.parse(row).ms;
      }),
    list: async () => reading(() => list.all({ now: Date.now() }).map((row) => holdRow.parse(row))),
  };
}
