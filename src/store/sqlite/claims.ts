import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { PlatformName } from "../../job.ts";
import type { Claim, ClaimedJob } from "../store.ts";
import { jobOf, jobRow, LATEST_DATE } from "./job-rows.ts";
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

/** Only of others: an owner never claims again what it has in hand. */
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

/** A job in hand whose row cannot be read. */
export type Unreadable = z.infer<typeof unreadableRow>;

type Due = { job: ClaimedJob; dueAt: number; seq: number };

/** What is claimed next. */
export type Claims = {
  /** Call this within a commit. */
  lease(claim: Claim): ClaimedJob[];
  nextDueInMs(owner: string, platforms: readonly PlatformName[]): number | null;
  /** Computes all turns again, by the clock as it is now; call this within a commit. */
  rebuild(): void;
};

/** `putAside` moves a job that cannot be read out of the way. */
export function createClaims(db: DatabaseSync, turns: Turns, putAside: (job: Unreadable) => void): Claims {
  const claimDue = db.prepare(CLAIM);
  const firstLease = db.prepare(FIRST_LEASE);
  const expire = db.prepare(EXPIRE);
  const clock = createClock();

  function rebuild(): void {
    turns.rebuild();
    clock.note();
  }

  /** Jobs that others had in hand for too long wait again. */
  function expireLeases({ owner, limit }: Claim): void {
    turns.allChanged(expire.all({ now: Date.now(), owner, limit }));
  }

  /** First each platform's share, then what others have left. */
  function claimAll({ limit, platforms, ...claim }: Claim): Due[] {
    const found: Due[] = [];
    const share = Math.ceil(limit / Math.max(platforms.length, 1));
    for (const part of [share, limit]) {
      for (const { name, most } of platforms) {
        const claimed = found.filter(({ job }) => job.platform === name).length;
        claimOf(name, Math.min(part, most - claimed, limit - found.length), claim, found);
      }
    }
    return found;
  }

  /** Goes round the quotas whose turn it is, a part of the limit for each, until the limit is reached or nothing is left. */
  function claimOf(
    platform: PlatformName,
    limit: number,
    { owner, leaseMs, roomFor }: Pick<Claim, "owner" | "leaseMs" | "roomFor">,
    found: Due[],
  ): void {
    const now = Date.now();
    const end = found.length + limit;
    const passed = new Set<string>();
    while (found.length < end) {
      const quotas = turns.next(platform, limit + passed.size).filter((quota) => !passed.has(quota));
      if (quotas.length === 0) return;
      const part = Math.ceil((end - found.length) / quotas.length);
      for (const quota of quotas) {
        const begun = found.filter(({ job }) => job.quota === quota).length;
        const most = Math.max(Math.min(part, roomFor(platform, quota) - begun, end - found.length), 0);
        const lease = { owner, lease: randomUUID(), leaseUntil: now + leaseMs };
        const rows = most === 0 ? [] : claimDue.all({ quota, now, limit: most, ...lease });
        found.push(...rows.flatMap((row) => read(row)));
        if (rows.length === 0 || rows.length < most) passed.add(quota);
        if (found.length < end || rows.length > 0) turns.end(quota, platform);
      }
    }
  }

  function read(row: unknown): Due[] {
    const { data } = claimedRow.safeParse(row);
    if (!data) {
      putAside(unreadableRow.parse(row));
      return [];
    }
    return [{ job: { ...jobOf(data), lease: data.lease }, dueAt: data.next_attempt_at, seq: data.seq }];
  }

  return {
    rebuild,
    lease(claim) {
      if (clock.wasSetBack()) rebuild();
      clock.note();
      expireLeases(claim);
      return claimAll(claim)
        .sort((a, b) => a.dueAt - b.dueAt || a.seq - b.seq)
        .map(({ job }) => job);
    },
    nextDueInMs(owner, platforms) {
      // A claim computes the turns again.
      if (clock.wasSetBack()) return 0;
      const turnMs = turns.inMs(platforms);
      const { lease_until: leaseUntil } = leaseRow.parse(firstLease.get({ owner }));
      if (leaseUntil === null) return turnMs;
      return Math.min(turnMs ?? Number.POSITIVE_INFINITY, Math.max(leaseUntil - Date.now(), 0));
    },
  };
}

const CLOCK_TOLERANCE_MS = 1000;

/** Tells whether the wall clock, by which jobs are due, was set back since it was noted last. */
function createClock() {
  let noted = { wall: Date.now(), monotonic: performance.now() };
  return {
    note() {
      noted = { wall: Date.now(), monotonic: performance.now() };
    },
    wasSetBack() {
      const expected = noted.wall + performance.now() - noted.monotonic;
      return Date.now() < expected - CLOCK_TOLERANCE_MS;
    },
  };
}
