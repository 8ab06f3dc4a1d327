import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { PlatformName } from "../../job.ts";
import { jobFromRow, jobRow, LATEST_DATE } from "../job-columns.ts";
import type { Claim, ClaimedJob } from "../store.ts";
import type { Turns } from "./turns.ts";

const CLAIM = `
  UPDATE jobs
  SET state = 'working', attempts = attempts + 1, lease = :lease, lease_until = :leaseUntil, leased_by = :owner
  WHERE seq IN (
    SELECT seq FROM jobs
    WHERE quota = :quota AND state = 'waiting' AND is_first = 1 AND next_attempt_at <= :now
    ORDER BY next_attempt_at, seq LIMIT :limit)
  RETURNING seq, key, platform, lane, quota, payload, progress, attempts,
            min(accepted_at, ${LATEST_DATE}) AS accepted_at, next_attempt_at, lease`;

/** Leases of other owners only; an owner's own jobs do not expire for it. */
const FIRST_LEASE = `
  SELECT min(lease_until) AS lease_until FROM jobs WHERE state = 'working' AND leased_by IS NOT :owner`;

export const RELEASED = "state = 'waiting', lease = NULL, lease_until = NULL, leased_by = NULL";

const EXPIRE = `
  UPDATE jobs SET next_attempt_at = min(lease_until, :now), ${RELEASED}
  WHERE seq IN (
    SELECT seq FROM jobs WHERE state = 'working' AND lease_until <= :now AND leased_by IS NOT :owner LIMIT :limit)
  RETURNING platform, quota`;

const claimedRow = jobRow.extend({ seq: z.number(), next_attempt_at: z.number(), lease: z.string() });
const unreadableRow = z.object({
  key: z.string(),
  lease: z.string(),
  lane: z.string(),
  platform: z.string(),
  quota: z.string(),
});
const leaseRow = z.object({ lease_until: z.number().nullable() });

/** A claimed job whose row cannot be read. */
export type Unreadable = z.infer<typeof unreadableRow>;

type Due = { job: ClaimedJob; dueAt: number; seq: number };

type Found = { readonly due: Due[]; readonly unreadable: Unreadable[] };

/** Both clocks at one moment, in ms. */
export type ClockReading = { readonly wall: number; readonly monotonic: number };

/** Decides which jobs are claimed next. */
export type Claims = {
  /**
   * Leases the jobs, those that cannot be read as well. If the clock was set back, computes all turns again. Call this
   * within a commit, and `noteClock` with `seen` once it is kept.
   */
  lease(claim: Claim): { jobs: ClaimedJob[]; unreadable: Unreadable[]; seen: ClockReading };
  nextDueInMs(owner: string, platforms: readonly PlatformName[]): number | null;
  /** Computes all turns again. Call this within a commit, and `noteClock` with what it returns once it is kept. */
  rebuildTurns(): ClockReading;
  /** The turns on disk agree with this reading. Not before the commit is kept: with it, the turns may be rolled back. */
  noteClock(seen: ClockReading): void;
};

export function createClaims(db: DatabaseSync, turns: Turns): Claims {
  const claimDue = db.prepare(CLAIM);
  const firstLease = db.prepare(FIRST_LEASE);
  const expire = db.prepare(EXPIRE);
  const clock = createClock();

  /** Puts back jobs of other owners whose lease has run out. */
  function expireLeases({ owner, limit }: Claim): void {
    turns.allChanged(expire.all({ now: Date.now(), owner, limit }));
  }

  /** First each platform's share, then what the others left over. */
  function claimAll({ limit, platforms, ...claim }: Claim): Found {
    const found: Found = { due: [], unreadable: [] };
    const share = Math.ceil(limit / Math.max(platforms.length, 1));
    for (const part of [share, limit]) {
      for (const { name, most } of platforms) {
        const claimed = found.due.filter(({ job }) => job.platform === name).length;
        claimOf(name, Math.min(part, most - claimed, limit - found.due.length), claim, found);
      }
    }
    return found;
  }

  /** Goes round the quotas whose turn it is, a part of the limit for each, until the limit is reached or nothing is left. */
  function claimOf(
    platform: PlatformName,
    limit: number,
    { owner, leaseMs, roomFor }: Pick<Claim, "owner" | "leaseMs" | "roomFor">,
    found: Found,
  ): void {
    const { due } = found;
    const now = Date.now();
    const end = due.length + limit;
    const exhausted = new Set<string>();
    while (due.length < end) {
      const quotas = turns.next(platform, limit + exhausted.size).filter((quota) => !exhausted.has(quota));
      if (quotas.length === 0) return;
      const part = Math.ceil((end - due.length) / quotas.length);
      for (const quota of quotas) {
        const begun = due.filter(({ job }) => job.quota === quota).length;
        const most = Math.max(Math.min(part, roomFor(platform, quota) - begun, end - due.length), 0);
        const lease = { owner, lease: randomUUID(), leaseUntil: now + leaseMs };
        const rows = most === 0 ? [] : claimDue.all({ quota, now, limit: most, ...lease });
        for (const row of rows) read(row, found);
        if (rows.length === 0 || rows.length < most) exhausted.add(quota);
        if (due.length < end || rows.length > 0) turns.end(quota, platform);
      }
    }
  }

  return {
    noteClock: clock.note,
    rebuildTurns() {
      const seen = readClock();
      turns.rebuild();
      return seen;
    },
    lease(claim) {
      // Before anything else, so that a clock that is set back meanwhile is noticed next time.
      const seen = readClock();
      if (clock.wasSetBack(seen)) turns.rebuild();
      expireLeases(claim);
      const { due, unreadable } = claimAll(claim);
      const jobs = due.toSorted((a, b) => a.dueAt - b.dueAt || a.seq - b.seq).map(({ job }) => job);
      return { jobs, unreadable, seen };
    },
    nextDueInMs(owner, platforms) {
      // The next claim recomputes the turns.
      if (clock.wasSetBack(readClock())) return 0;
      const turnMs = turns.inMs(platforms);
      const { lease_until: leaseUntil } = leaseRow.parse(firstLease.get({ owner }));
      if (leaseUntil === null) return turnMs;
      return Math.min(turnMs ?? Number.POSITIVE_INFINITY, Math.max(leaseUntil - Date.now(), 0));
    },
  };
}

function read(row: unknown, { due, unreadable }: Found): void {
  const { data } = claimedRow.safeParse(row);
  if (!data) unreadable.push(unreadableRow.parse(row));
  else
    due.push({ job: { ...jobFromRow(data), lease: data.lease }, dueAt: data.next_attempt_at, seq: data.seq });
}

const CLOCK_TOLERANCE_MS = 1000;

function readClock(): ClockReading {
  return { wall: Date.now(), monotonic: performance.now() };
}

/** Tells whether the wall clock, by which jobs are due, was set back since it was noted last. */
function createClock() {
  let noted = readClock();
  return {
    note(seen: ClockReading): void {
      noted = seen;
    },
    wasSetBack({ wall, monotonic }: ClockReading): boolean {
      const expected = noted.wall + monotonic - noted.monotonic;
      return wall < expected - CLOCK_TOLERANCE_MS;
    },
  };
}
