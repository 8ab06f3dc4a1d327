import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { PlatformName } from "../../job.ts";
import { LONGEST_WAIT_MS } from "../store.ts";

/**
 * Whose turn it is: a row for each quota with a job that waits at the head of its lane, with the time of its next turn. A
 * quota's turn comes when its first job is due and its holds are over. After its turn it goes to the end. So a claim reads
 * only quotas that have something to do now, whatever else waits.
 */
export type Turns = {
  /** The quotas whose turn it is, the longest waiting first. */
  next(platform: PlatformName, limit: number): string[];
  /** Call this when a job of the quota may be due at another time than before. The quota keeps its place in the order. */
  changed(quota: string, platform: string): void;
  /** The same for the quota in each of these rows. Returns how many rows there are. */
  allChanged(rows: readonly unknown[]): number;
  /** Call this when a hold of the quota has begun or was lifted. */
  holdChanged(quota: string): void;
  /** Call this when the quota has had its turn. */
  end(quota: string, platform: string): void;
  /** Milliseconds until the first turn of these platforms, at least 0; null when there is none. */
  inMs(platforms: readonly PlatformName[]): number | null;
  /** Computes all turns again: at the start, and after the clock was set back. */
  rebuild(): void;
};

const NEXT = "SELECT quota FROM turns WHERE platform = ? AND turn <= ? ORDER BY turn LIMIT ?";
const FIRST = "SELECT turn FROM turns WHERE platform = ? ORDER BY turn LIMIT 1";
const OF = "SELECT platform, turn FROM turns WHERE quota = ?";
const DUE = `
  SELECT next_attempt_at AS due FROM jobs
  WHERE quota = ? AND state = 'waiting' AND is_first = 1 ORDER BY next_attempt_at LIMIT 1`;
/** A hold with more time left than it had in all was set by a clock that was ahead. */
const HELD = "SELECT max(min(ends_at, :now + ends_at - set_at)) AS ends FROM holds WHERE quota = :quota";
const SET = `
  INSERT INTO turns (quota, platform, turn) VALUES (?1, ?2, ?3)
  ON CONFLICT (quota) DO UPDATE SET turn = excluded.turn`;
const PULL_IN = `
  UPDATE jobs SET next_attempt_at = :now WHERE state = 'waiting' AND next_attempt_at > :farthest`;
const RESTART_HOLDS = "UPDATE holds SET set_at = :now, ends_at = :now + ends_at - set_at WHERE set_at > :now";
const WAITING = "SELECT DISTINCT quota, platform FROM jobs WHERE state = 'waiting' AND is_first = 1";

const nextRow = z.object({ quota: z.string() });
const turnRow = z.object({ turn: z.number() });
const placeRow = turnRow.extend({ platform: z.string() });
const dueRow = z.object({ due: z.number() });
const endsRow = z.object({ ends: z.number().nullable() });
const quotaRow = z.object({ quota: z.string(), platform: z.string() });

/** The last microsecond of a millisecond. */
function endOf(ms: number): number {
  return ms * 1000 + 999;
}

/** Call all of its methods but `inMs` within a commit. */
export function createTurns(db: DatabaseSync): Turns {
  const next = db.prepare(NEXT);
  const first = db.prepare(FIRST);
  const of = db.prepare(OF);
  const due = db.prepare(DUE);
  const held = db.prepare(HELD);
  const set = db.prepare(SET);
  const remove = db.prepare("DELETE FROM turns WHERE quota = ?");
  const pullIn = db.prepare(PULL_IN);
  const restartHolds = db.prepare(RESTART_HOLDS);
  const waiting = db.prepare(WAITING);
  /** In memory. A commit that is rolled back leaves a gap in the order, which does no harm. */
  let lastTurn = 0;

  /** The end of the order: after every turn given so far. */
  function lastOf(now: number): number {
    lastTurn = Math.max(now * 1000, lastTurn + 1);
    return lastTurn;
  }

  function setTurn(quota: string, platform: string, turnNow: (now: number) => number): void {
    const now = Date.now();
    const row = due.get(quota);
    if (row === undefined) {
      remove.run(quota);
      return;
    }
    const dueAt = dueRow.parse(row).due;
    const ends = endsRow.parse(held.get({ quota, now })).ends ?? 0;
    const readyAt = Math.max(dueAt, ends);
    set.run(quota, platform, readyAt > now ? readyAt * 1000 : turnNow(now));
  }

  /** A quota whose turn it is already keeps its place. */
  function change(quota: string, platform: string, turn: number | null): void {
    setTurn(quota, platform, (now) => (turn !== null && turn <= endOf(now) ? turn : lastOf(now)));
  }

  function changed(quota: string, platform: string): void {
    const known = of.get(quota);
    change(quota, platform, known === undefined ? null : placeRow.parse(known).turn);
  }

  return {
    next: (platform, limit) =>
      next.all(platform, endOf(Date.now()), limit).map((row) => nextRow.parse(row).quota),
    changed,
    allChanged(rows) {
      for (const row of rows) {
        const { quota, platform } = quotaRow.parse(row);
        changed(quota, platform);
      }
      return rows.length;
    },
    holdChanged(quota) {
      const known = of.get(quota);
      if (known === undefined) return;
      const { platform, turn } = placeRow.parse(known);
      change(quota, platform, turn);
    },
    end: (quota, platform) => setTurn(quota, platform, lastOf),
    inMs(platforms) {
      const turns = platforms
        .map((platform) => first.get(platform))
        .flatMap((row) => (row === undefined ? [] : turnRow.parse(row).turn));
      return turns.length === 0 ? null : Math.max(Math.floor(Math.min(...turns) / 1000) - Date.now(), 0);
    },
    rebuild() {
      const now = Date.now();
      lastTurn = 0;
      pullIn.run({ now, farthest: now + LONGEST_WAIT_MS });
      restartHolds.run({ now });
      db.exec("DELETE FROM turns");
      for (const row of waiting.all()) {
        const { quota, platform } = quotaRow.parse(row);
        setTurn(quota, platform, lastOf);
      }
    },
  };
}
