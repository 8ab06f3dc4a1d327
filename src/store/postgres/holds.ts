import { z } from "zod";
import { HOLD_REASONS, type Holds } from "../store.ts";
import { reading, writing } from "./commits.ts";
import type { Connections } from "./connections.ts";
import { holdChanged } from "./turns.ts";

/** Milliseconds left of a hold. One with more left than it had in all was set by a clock that was ahead. */
const LEFT = "greatest(least(ends_at - chatops.now_ms(), ends_at - set_at), 0)";

/** The later end counts, unless a clock that was ahead has set it. */
const HOLD = `
  INSERT INTO chatops.holds AS held (quota, reason, pause_ms, set_at, ends_at)
  VALUES ($1, $2, $3, chatops.now_ms(), chatops.now_ms() + $3)
  ON CONFLICT (quota, reason) DO UPDATE SET
    pause_ms = excluded.pause_ms, set_at = excluded.set_at, ends_at = excluded.ends_at
    WHERE excluded.ends_at > held.ends_at OR held.ends_at - chatops.now_ms() > held.ends_at - held.set_at`;

const LIFT = "DELETE FROM chatops.holds WHERE quota = $1 AND reason = $2";
const ASKED = `SELECT ${LEFT} AS ms FROM chatops.holds WHERE quota = $1 AND reason = 'asked'`;
const LIST = `
  SELECT quota, reason, pause_ms, ${LEFT} AS ms FROM chatops.holds
  WHERE reason = 'failing' OR ends_at > chatops.now_ms() ORDER BY quota, reason`;
const PULL_IN = `
  UPDATE chatops.jobs SET next_attempt_at = chatops.now_ms()
  WHERE quota = $1 AND state = 'waiting' AND is_first AND next_attempt_at > chatops.now_ms()`;

const msRow = z.object({ ms: z.number() });
const holdRow = z
  .object({ quota: z.string(), reason: z.enum(HOLD_REASONS), pause_ms: z.number(), ms: z.number() })
  .transform(({ quota, reason, pause_ms: pauseMs, ms }) => ({ quota, reason, pauseMs, ms }));

export function createHolds({ query, transaction }: Pick<Connections, "query" | "transaction">): Holds {
  return {
    hold: (quota, reason, forMs) =>
      writing(() =>
        transaction({}, async (inside) => {
          await inside(HOLD, [quota, reason, Math.round(forMs)]);
          await holdChanged(inside, quota);
        }),
      ),
    lift: (quota, reason) =>
      writing(() =>
        transaction({}, async (inside) => {
          await inside(LIFT, [quota, reason]);
          // An operator who lifts a pause that the platform asked for wants the jobs to run now.
          if (reason === "asked") await inside(PULL_IN, [quota]);
          await holdChanged(inside, quota);
        }),
      ),
    askedMs: (quota) =>
      reading(async () => {
        const [row] = await query(ASKED, [quota]);
        return row === undefined ? null : msRow.parse(row).ms;
      }),
    list: () => reading(async () => (await query(LIST, [])).map((row) => holdRow.parse(row))),
  };
}
