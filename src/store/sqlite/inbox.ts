import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { LeaseLost } from "../../errors.ts";
import type { NewJob } from "../../job.ts";
import { attemptText, cutSentence } from "../job-columns.ts";
import { type ClaimedJob, type Inbox, NO_CALLS } from "../store.ts";
import { createClaims, RELEASED, type Unreadable } from "./claims.ts";
import { type Commits, reading } from "./commits.ts";
import { createGroups } from "./groups.ts";
import { LONGER_HISTORY, NEXT_OF_LANE } from "./job-rows.ts";
import type { Turns } from "./turns.ts";

// Both tables stand in migrations/02-settled-jobs.ts. `jobs` has the jobs that are not settled: their `state` is 'waiting',
// the default, or 'working'. A job whose `is_first` is 1 is the head of its lane, and only heads are claimed. `settled` has
// the jobs that are done or dead.

// Parameters by position are a sixth faster than by name. Only this statement runs for every delivery.
const INSERT = `
  INSERT INTO jobs (key, platform, lane, quota, payload, accepted_at, next_attempt_at, is_first)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?6, NOT EXISTS (SELECT 1 FROM jobs WHERE lane = ?3)
  WHERE NOT EXISTS (SELECT 1 FROM settled WHERE key = ?1)
  ON CONFLICT (key) DO NOTHING RETURNING is_first`;

const FORMER = `
  SELECT 1 FROM jobs WHERE key = ?1 AND lane = ?2 UNION ALL SELECT 1 FROM settled WHERE key = ?1 AND lane = ?2`;

const SAVE_PROGRESS = "UPDATE jobs SET progress = :progress WHERE key = :key AND lease = :lease";

const POSTPONE = `
  UPDATE jobs SET progress = :progress, last_error = :error, next_attempt_at = :nextAttemptAt,
    history = ${LONGER_HISTORY}, ${RELEASED}
  WHERE key = :key AND lease = :lease`;

const SETTLE = `
  INSERT INTO settled
    SELECT seq, key, platform, lane, quota, payload, :progress, :state, attempts, accepted_at, :now, :outcome,
           coalesce(:error, last_error), ${LONGER_HISTORY}, first_accepted_at, earlier_attempts
    FROM jobs WHERE key = :key AND lease = :lease`;
const REMOVE = "DELETE FROM jobs WHERE key = :key AND lease = :lease";

const RELEASE_ALL = `UPDATE jobs SET next_attempt_at = min(next_attempt_at, :now), ${RELEASED}
  WHERE state = 'working' AND leased_by IS :owner RETURNING platform, quota`;
const RECOVER = `UPDATE jobs SET next_attempt_at = :now, ${RELEASED} WHERE state = 'working'`;

const PRUNE = `
  DELETE FROM settled WHERE seq IN (
    SELECT seq FROM settled
    WHERE platform = :platform AND state = :state AND settled_at < :before ORDER BY settled_at LIMIT :limit)`;

const NO_PROGRESS = "{}";

const addedRow = z.object({ is_first: z.number() });

const UNREADABLE =
  "The job cannot be read: the database was damaged, or another release has written it. Drop it with: npm run inbox -- drop <key>";

export function createInbox(db: DatabaseSync, commits: Commits, turns: Turns): Inbox {
  const insert = db.prepare(INSERT);
  const former = db.prepare(FORMER);
  const saveProgress = db.prepare(SAVE_PROGRESS);
  const postpone = db.prepare(POSTPONE);
  const settle = db.prepare(SETTLE);
  const remove = db.prepare(REMOVE);
  const nextOfLane = db.prepare(NEXT_OF_LANE);
  const releaseAll = db.prepare(RELEASE_ALL);
  const recover = db.prepare(RECOVER);
  const prune = db.prepare(PRUNE);
  const claims = createClaims(db, turns);
  const groups = createGroups(db);
  /** What is on the disk of the progress of each job in hand. */
  const synced = new WeakMap<ClaimedJob, string>();

  function add({ key, formerKey, platform, lane, quota, payload }: NewJob, now: number): boolean {
    if (formerKey !== undefined && former.get(formerKey, lane) !== undefined) return false;
    const row = insert.get(key, platform, lane, quota, JSON.stringify(payload), now);
    if (row === undefined) return false;
    // Tells the claim that this quota has something to do.
    if (addedRow.parse(row).is_first === 1) turns.changed(quota, platform);
    return true;
  }

  /** The job is dead, so that an operator sees it and the next of its lane can be claimed. */
  function settleUnreadable({ key, lease, lane, platform, quota }: Unreadable): void {
    const now = Date.now();
    const attempt = attemptText({ state: "dead", error: UNREADABLE }, now, 0, NO_CALLS);
    settle.run({
      key,
      lease,
      progress: NO_PROGRESS,
      state: "dead",
      now,
      outcome: null,
      error: UNREADABLE,
      attempt,
    });
    remove.run({ key, lease });
    nextInLane(lane, { platform, quota });
  }

  /** A job has left its lane: the one behind it becomes the head. */
  function nextInLane(lane: string, { quota, platform }: { quota: string; platform: string }): void {
    turns.allChanged(nextOfLane.all({ lane }));
    turns.changed(quota, platform);
  }

  return {
    accept: (jobs) =>
      commits.write(() => {
        const now = Date.now();
        return jobs.filter((job) => add(job, now)).length;
      }),

    async claim(claim) {
      // If a crash of the machine undoes it, the job is claimed again.
      const { jobs, seen } = await commits.writeUnsynced(() => {
        const leased = claims.lease(claim);
        for (const job of leased.unreadable) settleUnreadable(job);
        return leased;
      });
      claims.noteClock(seen);
      for (const job of jobs) synced.set(job, JSON.stringify(job.progress));
      return jobs;
    },

    async saveProgress(job, progress) {
      const text = JSON.stringify(progress);
      const held = await commits.write(() => saveProgress.run({ ...leaseOf(job), progress: text }).changes);
      if (!held) throw lost(job);
      synced.set(job, text);
    },

    async settle(job, settlement, progress, tookMs = 0, calls = NO_CALLS) {
      const text = JSON.stringify(progress);
      const isHarmless = synced.get(job) === text && (text !== NO_PROGRESS || settlement.state === "waiting");
      // If a crash of the machine undoes it, the job goes on from the progress that is on the disk.
      const write = isHarmless ? commits.writeUnsynced : commits.write;
      const held = await write(() => {
        const now = Date.now();
        const attempt = attemptText(settlement, now, tookMs, calls);
        const ended = { ...leaseOf(job), progress: text, attempt };
        if (settlement.state === "waiting") {
          const nextAttemptAt = now + settlement.afterMs;
          const { changes } = postpone.run({ ...ended, error: cutSentence(settlement.error), nextAttemptAt });
          if (changes) turns.changed(job.quota, job.platform);
          return changes;
        }
        const outcome = settlement.state === "done" ? cutSentence(settlement.outcome) : null;
        const error = settlement.state === "dead" ? cutSentence(settlement.error) : null;
        const { changes } = settle.run({ ...ended, state: settlement.state, now, outcome, error });
        if (changes) {
          remove.run(leaseOf(job));
          nextInLane(job.lane, job);
        }
        return changes;
      });
      if (!held) throw lost(job);
    },

    releaseAll: (owner) => commits.write(() => turns.allChanged(releaseAll.all({ owner, now: Date.now() }))),

    async recover() {
      const { changes, seen } = await commits.write(() => {
        const recovered = recover.run({ now: Date.now() });
        return { changes: Number(recovered.changes), seen: claims.rebuildTurns() };
      });
      claims.noteClock(seen);
      return changes;
    },

    nextDueInMs: async (owner, platforms) => reading(() => claims.nextDueInMs(owner, platforms)),

    prune: (olderThanMs, limit) =>
      commits.write(() => {
        const before = Date.now() - olderThanMs;
        let deleted = 0;
        for (const { platform, state } of groups.settled()) {
          deleted += Number(prune.run({ platform, state, before, limit: limit - deleted }).changes);
        }
        return deleted;
      }),
  };
}

function leaseOf({ key, lease }: ClaimedJob) {
  return { key, lease };
}

function lost(job: ClaimedJob): LeaseLost {
  return new LeaseLost(`Job ${job.key} is no longer ours: its lease ran out.`);
}
