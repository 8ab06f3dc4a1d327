import { z } from "zod";
import type { PlatformName } from "../../job.ts";
import { LONGEST_WAIT_MS } from "../store.ts";
import type { Query } from "./connections.ts";

// Whose turn it is: rows that say when to look at a quota. A claim reads only rows whose time has come, whatever else waits.
//
// The rule: for each job that waits at the head of its lane there is a row of its quota whose turn is not after the job is due
// and the quota's holds are over. Whoever makes a job such a head adds a row in the same transaction (ADD below, and as part of
// other statements). Rows are never changed, so servers that accept jobs of one quota at once do not wait for each other.
//
// A claim takes rows whose turn it is and deletes all rows of their quotas that it sees. After it has claimed, it adds one row
// for each quota that still has something to do, at the end of the order. That is a later statement, which sees every job whose
// row was deleted: row and job were committed together. A row that a claim did not see stays. Superfluous rows do no harm: the
// next claim finds nothing to do and deletes them.

/**
 * Takes the quotas whose turn it is, the longest waiting first, and says whether they are held. One that pauses because it
 * fails is tried with one job at a time, whichever server has it, until a call works.
 */
const TAKE = `
  WITH first AS (
    SELECT quota, turn, id FROM chatops.turns
    WHERE platform = $1 AND turn <= chatops.now_ms() ORDER BY turn, id LIMIT $2 FOR UPDATE SKIP LOCKED),
  quotas AS (SELECT quota, min(turn) AS turn, min(id) AS id FROM first GROUP BY quota),
  taken AS (
    DELETE FROM chatops.turns WHERE id = ANY (ARRAY(
      SELECT t.id FROM quotas CROSS JOIN LATERAL (
        SELECT id FROM chatops.turns WHERE quota = quotas.quota FOR UPDATE SKIP LOCKED) AS t)))
  SELECT quota,
    EXISTS (SELECT FROM chatops.holds h WHERE h.quota = quotas.quota AND ends_at > chatops.now_ms()) AS is_held,
    CASE WHEN EXISTS (SELECT FROM chatops.holds h WHERE h.quota = quotas.quota AND reason = 'failing')
      THEN 1 - (SELECT count(*) FROM chatops.jobs j WHERE j.state = 'working' AND j.quota = quotas.quota)
    END AS tries
  FROM quotas ORDER BY turn, id`;

/** When the quota's first job is due and its holds are over. A hold with more left than it had in all was set by a wrong clock. */
const GIVE_BACK = `
  INSERT INTO chatops.turns (platform, quota, turn)
  SELECT $1, wanted.quota, greatest(due.at, held.until, chatops.now_ms())
  FROM unnest($2::text[]) WITH ORDINALITY AS wanted (quota, place)
  CROSS JOIN LATERAL (
    SELECT next_attempt_at AS at FROM chatops.jobs
    WHERE quota = wanted.quota AND state = 'waiting' AND is_first ORDER BY next_attempt_at LIMIT 1) AS due
  CROSS JOIN LATERAL (
    SELECT max(least(ends_at, chatops.now_ms() + ends_at - set_at)) AS until FROM chatops.holds
    WHERE quota = wanted.quota) AS held
  ORDER BY place`;

/** Waits until the transaction that has the first of these rows ends. */
const AWAIT_FIRST = `
  SELECT id FROM chatops.turns WHERE platform = ANY($1) AND turn <= chatops.now_ms()
  ORDER BY turn, id LIMIT 1 FOR UPDATE`;

const IS_LEFT = `
  SELECT EXISTS (
    SELECT FROM chatops.turns
    WHERE platform = ANY($1) AND turn <= chatops.now_ms() AND quota <> ALL($2::text[])) AS is_left`;

const TAKE_ONE = `
  DELETE FROM chatops.turns WHERE id IN (
    SELECT id FROM chatops.turns WHERE quota = $1 FOR UPDATE SKIP LOCKED) RETURNING platform`;
const PLATFORM_OF =
  "SELECT platform FROM chatops.jobs WHERE quota = $1 AND state = 'waiting' AND is_first LIMIT 1";

const ADD =
  "INSERT INTO chatops.turns (platform, quota, turn) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])";

const FIRST = `
  SELECT min(first.turn) AS turn FROM unnest($1::text[]) AS wanted (platform)
  CROSS JOIN LATERAL (
    SELECT turn FROM chatops.turns WHERE platform = wanted.platform ORDER BY turn, id LIMIT 1) AS first`;

const PULL_IN = `
  UPDATE chatops.jobs SET next_attempt_at = chatops.now_ms()
  WHERE state = 'waiting' AND next_attempt_at > chatops.now_ms() + $1`;
const RESTART_HOLDS = `
  UPDATE chatops.holds SET set_at = chatops.now_ms(), ends_at = chatops.now_ms() + ends_at - set_at
  WHERE set_at > chatops.now_ms()`;
const FORGET = "DELETE FROM chatops.turns WHERE id IN (SELECT id FROM chatops.turns FOR UPDATE SKIP LOCKED)";
const WAITING = `
  INSERT INTO chatops.turns (platform, quota, turn)
  SELECT platform, quota, min(next_attempt_at) FROM chatops.jobs WHERE state = 'waiting' AND is_first GROUP BY 1, 2`;

const takenRow = z
  .object({ quota: z.string(), is_held: z.boolean(), tries: z.number().nullable() })
  .transform(({ quota, is_held: isHeld, tries }) => ({
    quota,
    isHeld,
    tries: tries ?? Number.POSITIVE_INFINITY,
  }));
const leftRow = z.object({ is_left: z.boolean() });
const turnRow = z.object({ turn: z.number().nullable() });
const platformRow = z.object({ platform: z.string() });

export type TakenTurn = {
  readonly quota: string;
  readonly isHeld: boolean;
  /** How many of its jobs may be tried now, for all that the database knows. */
  readonly tries: number;
};

/** Takes at most `limit` rows whose turn it is; returns their quotas. Give them back in the same transaction. */
export async function takeTurns(query: Query, platform: PlatformName, limit: number): Promise<TakenTurn[]> {
  const rows = await query(TAKE, [platform, limit]);
  return rows.map((row) => takenRow.parse(row));
}

/**
 * Waits until no other claim has the first row whose turn it is. Call it before anything is locked: then no two claims can wait
 * for each other.
 */
export async function awaitFirstTurn(query: Query, platforms: readonly PlatformName[]): Promise<void> {
  await query(AWAIT_FIRST, [platforms]);
}

/** Whether it is the turn of any other quota than these. */
export async function isTurnLeft(
  query: Query,
  platforms: readonly PlatformName[],
  quotas: readonly string[],
): Promise<boolean> {
  const [row] = await query(IS_LEFT, [platforms, quotas]);
  return leftRow.parse(row).is_left;
}

/** Gives each of these quotas its next turn, in this order, if it has something to do. */
export async function giveTurnsBack(
  query: Query,
  platform: PlatformName,
  quotas: readonly string[],
): Promise<void> {
  if (quotas.length > 0) await query(GIVE_BACK, [platform, quotas]);
}

/** Jobs of these quotas wait at the head of their lanes again, due at these times. */
export async function addTurns(
  query: Query,
  turns: readonly { platform: string; quota: string; turn: number }[],
): Promise<void> {
  if (turns.length === 0) return;
  await query(ADD, [
    turns.map(({ platform }) => platform),
    turns.map(({ quota }) => quota),
    turns.map(({ turn }) => turn),
  ]);
}

/** Call this when a hold of the quota has begun or was lifted. */
export async function holdChanged(query: Query, quota: string): Promise<void> {
  const rows = await query(TAKE_ONE, [quota]);
  const [known] = rows.length > 0 ? rows : await query(PLATFORM_OF, [quota]);
  if (known !== undefined) await giveTurnsBack(query, platformRow.parse(known).platform, [quota]);
}

/** The first turn of these platforms, in ms since 1970; null when there is none. */
export async function firstTurn(query: Query, platforms: readonly PlatformName[]): Promise<number | null> {
  const [row] = await query(FIRST, [platforms]);
  return turnRow.parse(row).turn;
}

/** Computes all turns again, after the clock of the database was set back. Reads all that waits. */
export async function rebuildTurns(query: Query): Promise<void> {
  await query(PULL_IN, [LONGEST_WAIT_MS]);
  await query(RESTART_HOLDS);
  await query(FORGET);
  await query(WAITING);
}
