import { z } from "zod";
import type { Query } from "./connections.ts";

/** Without a beat for so many milliseconds a server counts as dead: servers.ts. */
export const SERVER_TIMEOUT_MS = 15_000;

/**
 * Who claims is alive: otherwise what a server claims, when it comes back after a while but before it has beaten,
 * would be taken from it at once, and done twice.
 */
const NOW_ALIVE = `
  WITH alive AS (
    UPDATE chatops.servers SET beat_at = chatops.now_ms(), alive_since =
      CASE WHEN beat_at < chatops.now_ms() - ${SERVER_TIMEOUT_MS} THEN chatops.now_ms() ELSE alive_since END
    WHERE name = $1 AND beat_at < chatops.now_ms() - ${SERVER_TIMEOUT_MS / 3})
  SELECT chatops.now_ms() AS now`;

const nowRow = z.object({ now: z.number() });

/** Says that the server is alive, if it has not done so lately. Returns the time, in ms since 1970. */
export async function sayAlive(query: Query, server: string): Promise<number> {
  const [row] = await query(NOW_ALIVE, [server]);
  return nowRow.parse(row).now;
}
