import { z } from "zod";
import { LeaseLost, StoreError, sentenceOf } from "../../errors.ts";
import type { JsonObject } from "../../job.ts";
import { attemptText } from "../job-columns.ts";
import { type Claim, type ClaimedJob, type Inbox, NO_CALLS, type Settlement } from "../store.ts";
import { createAccepting } from "./accepting.ts";
import { type Claimed, createClaims, RELEASED, type Unreadable } from "./claims.ts";
import { reading, writing } from "./commits.ts";
import type { Connections } from "./connections.ts";
import { createDoubts } from "./doubts.ts";
import { createEnding, createSaving } from "./ending.ts";
import { addTurns } from "./turns.ts";

// The tables stand in migrations/01-first.ts. A job whose `is_first` is true is the head of its lane, and only heads are
// claimed. Whoever adds a job to a lane or takes one from it holds the lane's lock: otherwise a job that is added while the
// last one leaves could wait behind nobody for ever.

const RELEASE_ALL = `
  UPDATE chatops.jobs SET next_attempt_at = least(next_attempt_at, chatops.now_ms()), ${RELEASED}
  WHERE state = 'working' AND leased_by = $1 RETURNING platform, quota, next_attempt_at AS turn`;

/** Those of nobody. Whether a server that is still in the list is dead, those that are alive find out. */
const RECOVER = `
  UPDATE chatops.jobs SET next_attempt_at = chatops.now_ms(), ${RELEASED}
  WHERE state = 'working' AND NOT EXISTS (SELECT FROM chatops.servers WHERE name = leased_by)
  RETURNING platform, quota, next_attempt_at AS turn`;

/** The state stands in the text: with a parameter, its index would not be used. */
const pruneSql = (state: "done" | "dead") => `
  DELETE FROM chatops.jobs WHERE seq IN (
    SELECT seq FROM chatops.jobs WHERE state = '${state}' AND settled_at < chatops.now_ms() - $1
    ORDER BY settled_at, seq LIMIT $2 FOR UPDATE SKIP LOCKED)
  RETURNING seq`;

const NO_PROGRESS = "{}";

const turnRow = z.object({ platform: z.string(), quota: z.string(), turn: z.number() });

const UNREADABLE =
  "The job cannot be read: the database was damaged, or another release has written it. Drop it with: npm run inbox -- drop <key>";

export function createInbox(connections: Connections): Inbox & { settled(): Promise<void> } {
  const doubts = createDoubts();
  const claims = createClaims(doubts);
  /** What is on the disk of the progress of each job in hand. */
  const synced = new WeakMap<ClaimedJob, string>();
  const accepting = createAccepting(connections);
  const saving = createSaving(connections);
  const ending = createEnding(connections, true);
  const endingUnsynced = createEnding(connections, false);

  async function claimNow(claim: Claim, afterOthers: boolean): Promise<Claimed> {
    const claimed = await writing(() =>
      doubts.whileTrying((nextToken) =>
        // If a crash of the database's machine undoes it, the jobs are claimed again.
        connections.transaction({ isSynced: false }, (query) =>
          claims.lease(query, { ...claim, token: nextToken() }, afterOthers),
        ),
      ),
    );
    for (const job of claimed.unreadable) await settleUnreadable(job);
    return claimed;
  }

  /** The job is dead, so that an operator sees it and the next of its lane can be claimed. */
  async function settleUnreadable({ key, lane, lease }: Unreadable): Promise<void> {
    const settlement: Settlement = { state: "dead", error: UNREADABLE };
    const attempt = attemptText(settlement, Date.now(), 0, NO_CALLS);
    await ending.add({ key, lane, lease, settlement, progress: NO_PROGRESS, attempt });
  }

  return {
    async accept(jobs) {
      if (jobs.length === 0) return 0;
      return accepting.add(jobs.map((job) => ({ ...job, text: textOf(job.payload) })));
    },

    async claim(claim) {
      const { jobs, rest } = await claimNow(claim, false);
      // If this fails, the jobs that it has got must be done nevertheless; the rest comes with the next claim.
      const more = rest === null ? [] : await claimNow(rest, true).then(jobsOf, () => []);
      const all = [...jobs, ...more];
      for (const job of all) synced.set(job, JSON.stringify(job.progress));
      return all;
    },

    async saveProgress(job, progress) {
      const text = textOf(progress);
      if (!(await saving.add({ job, progress: text }))) throw lost(job);
      synced.set(job, text);
    },

    async settle(job, settlement, progress, tookMs = 0, calls = NO_CALLS) {
      const text = textOf(progress);
      const isHarmless = synced.get(job) === text && (text !== NO_PROGRESS || settlement.state === "waiting");
      // If a crash of the machine undoes it, the job goes on from the progress that is on the disk.
      const group = isHarmless ? endingUnsynced : ending;
      const { key, lane, lease } = job;
      const attempt = attemptText(settlement, Date.now(), tookMs, calls);
      if (!(await group.add({ key, lane, lease, settlement, progress: text, attempt }))) throw lost(job);
    },

    releaseAll: (owner) => putBack(RELEASE_ALL, [owner]),
    recover: () => putBack(RECOVER, []),
    nextDueInMs: (owner, platforms) => reading(() => claims.nextDueInMs(connections.query, owner, platforms)),

    async prune(olderThanMs, limit) {
      const prune = (state: "done" | "dead", most: number) =>
        writing(() => connections.query(pruneSql(state), [olderThanMs, most]));
      const done = (await prune("done", limit)).length;
      const dead = (await prune("dead", limit - done)).length;
      return done + dead;
    },

    async settled() {
      await Promise.all([accepting, saving, ending, endingUnsynced].map((group) => group.settled()));
    },
  };

  function putBack(sql: string, values: readonly string[]): Promise<number> {
    return writing(() =>
      connections.transaction({}, async (query) => {
        const turns = (await query(sql, values)).map((row) => turnRow.parse(row));
        await addTurns(query, turns);
        return turns.length;
      }),
    );
  }
}

function jobsOf({ jobs }: Claimed): ClaimedJob[] {
  return jobs;
}

function textOf(value: JsonObject): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new StoreError(`The database could not be written: ${sentenceOf(cause)}.`, { cause });
  }
}

function lost(job: ClaimedJob): LeaseLost {
  return new LeaseLost(`Job ${job.key} is no longer ours: its lease ran out.`);
}
