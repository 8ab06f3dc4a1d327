import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { LeaseLost } from "../../errors.ts";
import type { NewJob, PlatformName } from "../../platforms/platform.ts";
import type { Claim, ClaimedJob, Inbox } from "../store.ts";
import { createClock } from "./clock.ts";
import { type Commits, reading } from "./commits.ts";
import { attemptText, LONGER_HISTORY, shortened } from "./history.ts";
import { jobOf, jobRow, NEXT_OF_LANE } from "./jobs.ts";
import type { Turns } from "./turns.ts";

// By position, which takes a sixth less of its time than by name; the others are not run for every delivery.
const INSERT = `
  INSERT INTO jobs (key, platform, lane, quota, payload, accepted_at, next_attempt_at, is_first)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?6, NOT EXISTS (SELECT 1 FROM jobs WHERE lane = ?3)
  WHERE NOT EXISTS (SELECT 1 FROM settled WHERE key = ?1)
  ON CONFLICT (key) DO NOTHING RETURNING is_first`;

const FORMER = `
  SELECT 1 FROM jobs WHERE key = ?1 AND lane = ?2 UNION ALL SELECT 1 FROM settled WHERE key = ?1 AND lane = ?2`;

const CLAIM = `
  UPDATE jobs
  SET state = 'working', attempts = attempts + 1, lease = :lease, lease_until = :leaseUntil, leased_by = :owner
  WHERE seq IN (
    SELECT seq FROM jobs
    WHERE quota = :quota AND state = 'waiting' AND is_first = 1 AND next_attempt_at <= :now
    ORDER BY next_attempt_at, seq LIMIT :limit)
  RETURNING seq, key, platform, lane, quota, payload, progress, attempts, accepted_at, next_attempt_at, lease`;

/** Of others: what one has in hand oneself is passed over. */
const FIRST_LEASE = `
  SELECT min(lease_until) AS lease_until FROM jobs WHERE state = 'working' AND leased_by IS NOT :owner`;

const RELEASED = "state = 'waiting', lease = NULL, lease_until = NULL, leased_by = NULL";

const EXPIRE = `
  UPDATE jobs SET next_attempt_at = min(lease_until, :now), ${RELEASED}
  WHERE seq IN (
    SELECT seq FROM jobs WHERE state = 'working' AND lease_until <= :now AND leased_by IS NOT :owner LIMIT :limit)
  RETURNING platform, quota`;

const SAVE_PROGRESS = "UPDATE jobs SET progress = :progress WHERE key = :key AND lease = :lease";

const POSTPONE = `
  UPDATE jobs SET progress = :progress, last_error = :error, next_attempt_at = :nextAttemptAt,
    history = ${LONGER_HISTORY}, ${RELEASED}
  WHERE key = :key AND lease = :lease`;

const SETTLE = `
  INSERT INTO settled
    SELECT seq, key, platform, lane, quota, payload, :progress, :state, attempts, accepted_at, :now, :outcome,
           coalesce(:error, last_error), ${LONGER_HISTORY}
    FROM jobs WHERE key = :key AND lease = :lease`;
const REMOVE = "DELETE FROM jobs WHERE key = :key AND lease = :lease";

const RELEASE = `UPDATE jobs SET next_attempt_at = min(next_attempt_at, :now), ${RELEASED}
  WHERE key = :key AND lease = :lease`;
const RELEASE_ALL = `UPDATE jobs SET next_attempt_at = min(next_attempt_at, :now), ${RELEASED}
  WHERE state = 'working' AND leased_by IS :owner RETURNING platform, quota`;
const RECOVER = `UPDATE jobs SET next_attempt_at = :now, ${RELEASED} WHERE state = 'working'`;

const PRUNE = `
  DELETE FROM settled WHERE seq IN (
    SELECT seq FROM settled WHERE state = :state AND settled_at < :before ORDER BY settled_at LIMIT :limit)`;

const claimedRow = jobRow.extend({ seq: z.number(), next_attempt_at: z.number(), lease: z.string() });
const addedRow = z.object({ is_first: z.number() });
const quotaRow = z.object({ platform: z.string(), quota: z.string() });
const leaseRow = z.object({ lease_until: z.number().nullable() });

type Due = { job: ClaimedJob; dueAt: number; seq: number };

export function createInbox(db: DatabaseSync, commits: Commits, turns: Turns): Inbox {
  const insert = db.prepare(INSERT);
  const former = db.prepare(FORMER);
  const take = db.prepare(CLAIM);
  const firstLease = db.prepare(FIRST_LEASE);
  const expire = db.prepare(EXPIRE);
  const saveProgress = db.prepare(SAVE_PROGRESS);
  const postpone = db.prepare(POSTPONE);
  const settle = db.prepare(SETTLE);
  const remove = db.prepare(REMOVE);
  const nextOfLane = db.prepare(NEXT_OF_LANE);
  const release = db.prepare(RELEASE);
  const releaseAll = db.prepare(RELEASE_ALL);
  const recover = db.prepare(RECOVER);
  const prune = db.prepare(PRUNE);
  const clock = createClock();

  function add({ key, formerKey, platform, lane, quota, payload }: NewJob, now: number): boolean {
    if (formerKey !== undefined && former.get(formerKey, lane) !== undefined) return false;
    const row = insert.get(key, platform, lane, quota, JSON.stringify(payload), now);
    if (row === undefined) return false;
    if (addedRow.parse(row).is_first === 1) turns.changed(quota, platform);
    return true;
  }

  function changed(rows: readonly unknown[]): number {
    for (const row of rows) {
      const { quota, platform } = quotaRow.parse(row);
      turns.changed(quota, platform);
    }
    return rows.length;
  }

  /** Each platform's share first, and then what others have left. */
  function claimAll({ limit, platforms, ...claim }: Claim): Due[] {
    const found: Due[] = [];
    const share = Math.ceil(limit / Math.max(platforms.length, 1));
    for (const part of [share, limit]) {
      for (const { name, most } of platforms) {
        const taken = found.filter(({ job }) => job.platform === name).length;
        claimOf(name, Math.min(part, most - taken, limit - found.length), claim, found);
      }
    }
    return found;
  }

  /** Goes round the quotas whose turn it is, with a part of the limit for each, until it is reached or nothing is left. */
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
        const rows = most === 0 ? [] : take.all({ quota, now, limit: most, ...lease });
        found.push(...rows.map(dueOf));
        if (rows.length === 0 || rows.length < most) passed.add(quota);
        if (found.length < end || rows.length > 0) turns.taken(quota, platform);
      }
    }
  }

  function nextInLane(lane: string, { quota, platform }: Pick<ClaimedJob, "quota" | "platform">): void {
    changed(nextOfLane.all({ lane }));
    turns.changed(quota, platform);
  }

  return {
    accept: (jobs) =>
      commits.write(() => {
        const now = Date.now();
        return jobs.filter((job) => add(job, now)).length;
      }),

    claim: (claim) =>
      commits.write(() => {
        if (clock.wasSetBack()) turns.rebuild();
        clock.note();
        const now = Date.now();
        changed(expire.all({ now, owner: claim.owner, limit: claim.limit }));
        return claimAll(claim)
          .sort((a, b) => a.dueAt - b.dueAt || a.seq - b.seq)
          .map(({ job }) => job);
      }),

    async saveProgress(job, progress) {
      const held = await commits.write(
        () => saveProgress.run({ ...leaseOf(job), progress: JSON.stringify(progress) }).changes,
      );
      if (!held) throw lost(job);
    },

    async settle(job, settlement, progress, tookMs = 0) {
      const held = await commits.write(() => {
        const now = Date.now();
        const attempt = attemptText(settlement, tookMs, now);
        const ended = { ...leaseOf(job), progress: JSON.stringify(progress), attempt };
        if (settlement.state === "waiting") {
          const nextAttemptAt = now + settlement.afterMs;
          const { changes } = postpone.run({ ...ended, error: shortened(settlement.error), nextAttemptAt });
          if (changes) turns.changed(job.quota, job.platform);
          return changes;
        }
        const outcome = settlement.state === "done" ? shortened(settlement.outcome) : null;
        const error = settlement.state === "dead" ? shortened(settlement.error) : null;
        const { changes } = settle.run({ ...ended, state: settlement.state, now, outcome, error });
        if (changes) {
          remove.run(leaseOf(job));
          nextInLane(job.lane, job);
        }
        return changes;
      });
      if (!held) throw lost(job);
    },

    release: async (job) => {
      await commits.write(() => {
        if (release.run({ ...leaseOf(job), now: Date.now() }).changes) turns.changed(job.quota, job.platform);
      });
    },

    releaseAll: (owner) => commits.write(() => changed(releaseAll.all({ owner, now: Date.now() }))),

    recover: () =>
      commits.write(() => {
        const { changes } = recover.run({ now: Date.now() });
        turns.rebuild();
        clock.note();
        return Number(changes);
      }),

    nextDueInMs: async (owner, platforms) =>
      reading(() => {
        // A claim puts it right.
        if (clock.wasSetBack()) return 0;
        const turnMs = turns.inMs(platforms);
        const { lease_until: leaseUntil } = leaseRow.parse(firstLease.get({ owner }));
        if (leaseUntil === null) return turnMs;
        return Math.min(turnMs ?? Number.POSITIVE_INFINITY, Math.max(leaseUntil - Date.now(), 0));
      }),

    prune: (olderThanMs, limit) =>
      commits.write(() => {
        const before = Date.now() - olderThanMs;
        const done = Number(prune.run({ state: "done", before, limit }).changes);
        const dead = Number(prune.run({ state: "dead", before, limit: limit - done }).changes);
        return done + dead;
      }),
  };
}

function dueOf(row: unknown): Due {
  const read = claimedRow.parse(row);
  return { job: { ...jobOf(read), lease: read.lease }, dueAt: read.next_attempt_at, seq: read.seq };
}

function leaseOf({ key, lease }: ClaimedJob) {
  return { key, lease };
}

function lost(job: ClaimedJob): LeaseLost {
  return new LeaseLost(`Job ${job.key} is no longer ours: its lease ran out or an operator took it.`);
}
