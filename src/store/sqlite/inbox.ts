import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { LeaseLost } from "../../errors.ts";
import { type ClaimedJob, type Inbox, JOB_STATES, type JobState, LONGEST_WAIT_MS } from "../store.ts";
import { type Commits, reading } from "./commits.ts";
import { jobOf, jobRow, NEXT_OF_LANE } from "./jobs.ts";

const claimedRow = jobRow.extend({ seq: z.number(), next_attempt_at: z.number(), lease: z.string() });

// By position, which takes a sixth less of its time than by name; the others are not run for every delivery.
const INSERT = `
  INSERT INTO jobs (key, platform, lane, quota, payload, accepted_at, next_attempt_at, is_first)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6,
          NOT EXISTS (SELECT 1 FROM jobs WHERE lane = ?3 AND state IN ('waiting', 'working')))
  ON CONFLICT (key) DO NOTHING`;

const FORMER = "SELECT 1 FROM jobs WHERE key = ? AND lane = ?";

function claimOf(selection: string): string {
  return `
    UPDATE jobs
    SET state = 'working', attempts = attempts + 1, lease = :lease, lease_until = :leaseUntil,
        leased_by = :owner
    WHERE seq IN (${selection})
    RETURNING seq, key, platform, lane, quota, payload, progress, attempts, accepted_at, next_attempt_at, lease`;
}

const HAS_EXPIRED = `
  SELECT 1 FROM jobs
  WHERE state = 'working' AND lease_until <= :now AND leased_by IS NOT :owner LIMIT 1`;

/** For waits written before the clock was set back. Nearly always a look at the index that finds nothing. */
const PULL_IN = `
  UPDATE jobs SET next_attempt_at = :now
  WHERE state = 'waiting' AND is_first = 1 AND next_attempt_at > :farthest`;

/** For when no lease has run out and no quota is passed over, which is nearly always: half the time of the other. */
const CLAIM_DUE = claimOf(`
  SELECT seq FROM jobs
  WHERE state = 'waiting' AND is_first = 1 AND next_attempt_at <= :now
  ORDER BY next_attempt_at, seq LIMIT :limit`);

// The limit stands in each half, so that neither index is read further than needed.
const CLAIM = claimOf(`
    SELECT seq FROM (
      SELECT * FROM (
        SELECT seq, next_attempt_at AS due FROM jobs
        WHERE state = 'waiting' AND is_first = 1 AND next_attempt_at <= :now
          AND quota NOT IN (SELECT value FROM json_each(:exceptQuotas))
        ORDER BY next_attempt_at, seq LIMIT :limit)
      UNION ALL
      SELECT * FROM (
        SELECT seq, lease_until AS due FROM jobs
        WHERE state = 'working' AND lease_until <= :now AND leased_by IS NOT :owner
          AND quota NOT IN (SELECT value FROM json_each(:exceptQuotas))
        ORDER BY lease_until, seq LIMIT :limit))
    ORDER BY due, seq LIMIT :limit`);

const SAVE_PROGRESS = "UPDATE jobs SET progress = :progress WHERE key = :key AND lease = :lease";

const SETTLE = `
  UPDATE jobs
  SET state = :state, progress = :progress, outcome = :outcome, last_error = coalesce(:error, last_error),
      next_attempt_at = coalesce(:nextAttemptAt, next_attempt_at), settled_at = :settledAt, lease = NULL, lease_until = NULL
  WHERE key = :key AND lease = :lease`;

const RELEASE = `
  UPDATE jobs SET state = 'waiting', lease = NULL, lease_until = NULL
  WHERE key = :key AND lease = :lease`;

const RELEASE_ALL = `
  UPDATE jobs SET state = 'waiting', next_attempt_at = :now, lease = NULL, lease_until = NULL
  WHERE state = 'working'`;

const NEXT_DUE = `
  SELECT next_attempt_at FROM jobs
  WHERE state = 'waiting' AND is_first = 1 AND quota NOT IN (SELECT value FROM json_each(:exceptQuotas))
  ORDER BY next_attempt_at LIMIT 1`;

const PRUNE = `
  DELETE FROM jobs WHERE seq IN (
    SELECT seq FROM jobs WHERE settled_at IS NOT NULL AND settled_at < :before ORDER BY settled_at LIMIT :limit)`;

const COUNT = "SELECT state, jobs FROM job_counts";

// By the index of those that are not settled, however many are.
const OLDEST_WAITING = `
  SELECT min(accepted_at) AS accepted_at FROM jobs INDEXED BY jobs_in_lane
  WHERE state IN ('waiting', 'working') AND state = 'waiting'`;

const oldestRow = z.object({ accepted_at: z.number().nullable() });
const dueRow = z.object({ next_attempt_at: z.number() });
const countRow = z.object({ state: z.enum(JOB_STATES), jobs: z.number() });

export function createInbox(db: DatabaseSync, commits: Commits): Inbox {
  const insert = db.prepare(INSERT);
  const former = db.prepare(FORMER);
  const claim = db.prepare(CLAIM);
  const claimDue = db.prepare(CLAIM_DUE);
  const pullIn = db.prepare(PULL_IN);
  const hasExpired = db.prepare(HAS_EXPIRED);
  const saveProgress = db.prepare(SAVE_PROGRESS);
  const settle = db.prepare(SETTLE);
  const nextOfLane = db.prepare(NEXT_OF_LANE);
  const release = db.prepare(RELEASE);
  const releaseAll = db.prepare(RELEASE_ALL);
  const nextDue = db.prepare(NEXT_DUE);
  const prune = db.prepare(PRUNE);
  const count = db.prepare(COUNT);
  const oldestWaiting = db.prepare(OLDEST_WAITING);

  return {
    accept: (jobs) =>
      commits.write(() => {
        const now = Date.now();
        let added = 0;
        for (const { key, formerKey, platform, lane, quota, payload } of jobs) {
          if (formerKey !== undefined && former.get(formerKey, lane) !== undefined) continue;
          added += Number(insert.run(key, platform, lane, quota, JSON.stringify(payload), now).changes);
        }
        return added;
      }),

    claim: ({ owner, limit, leaseMs, exceptQuotas }) =>
      commits.write(() => {
        const now = Date.now();
        pullIn.run({ now, farthest: now + LONGEST_WAIT_MS });
        const wanted = { now, limit, owner, lease: randomUUID(), leaseUntil: now + leaseMs };
        const isPlain = exceptQuotas.length === 0 && hasExpired.get({ now, owner }) === undefined;
        const rows = isPlain
          ? claimDue.all(wanted)
          : claim.all({ ...wanted, exceptQuotas: JSON.stringify(exceptQuotas) });
        return rows
          .map((row) => claimedRow.parse(row))
          .sort((a, b) => a.next_attempt_at - b.next_attempt_at || a.seq - b.seq)
          .map((row) => ({ ...jobOf(row), lease: row.lease }));
      }),

    async saveProgress(job, progress) {
      const held = await commits.write(
        () => saveProgress.run({ ...leaseOf(job), progress: JSON.stringify(progress) }).changes,
      );
      if (!held) throw lost(job);
    },

    async settle(job, settlement, progress) {
      const held = await commits.write(() => {
        const { changes } = settle.run({
          ...leaseOf(job),
          state: settlement.state,
          progress: JSON.stringify(progress),
          outcome: settlement.state === "done" ? settlement.outcome : null,
          error: settlement.state === "done" ? null : settlement.error,
          nextAttemptAt: settlement.state === "waiting" ? settlement.nextAttemptAt : null,
          settledAt: settlement.state === "waiting" ? null : Date.now(),
        });
        if (changes && settlement.state !== "waiting") nextOfLane.run({ lane: job.lane });
        return changes;
      });
      if (!held) throw lost(job);
    },

    release: async (job) => {
      await commits.write(() => release.run(leaseOf(job)));
    },

    releaseAll: () => commits.write(() => Number(releaseAll.run({ now: Date.now() }).changes)),

    nextDueAt: async (exceptQuotas) =>
      reading(() => {
        const row = nextDue.get({ exceptQuotas: JSON.stringify(exceptQuotas) });
        return row === undefined ? null : dueRow.parse(row).next_attempt_at;
      }),

    prune: (before, limit) => commits.write(() => Number(prune.run({ before, limit }).changes)),

    countByState: async () =>
      reading(() => {
        const counts: Record<JobState, number> = { waiting: 0, working: 0, done: 0, dead: 0 };
        for (const row of count.all()) {
          const { state, jobs } = countRow.parse(row);
          counts[state] = jobs;
        }
        return counts;
      }),

    oldestWaitingSince: async () => reading(() => oldestRow.parse(oldestWaiting.get()).accepted_at),
  };
}

function leaseOf({ key, lease }: ClaimedJob) {
  return { key, lease };
}

function lost(job: ClaimedJob): LeaseLost {
  return new LeaseLost(`Job ${job.key} is no longer ours: its lease ran out or an operator took it.`);
}
