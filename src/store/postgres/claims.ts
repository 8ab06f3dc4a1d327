import { z } from "zod";
import type { PlatformName } from "../../job.ts";
import { jobFromRow, jobRow } from "../job-columns.ts";
import type { Claim, ClaimedJob } from "../store.ts";
import { SERVER_TIMEOUT_MS, sayAlive } from "./alive.ts";
import { createClock } from "./clock.ts";
import type { Query } from "./connections.ts";
import { type Doubts, leaseOf } from "./doubts.ts";
import {
  addTurns,
  awaitFirstTurn,
  firstTurn,
  giveTurnsBack,
  isTurnLeft,
  rebuildTurns,
  takeTurns,
} from "./turns.ts";

/** As an array: PostgreSQL expects a tenth of all that waits in a quota, and would join that to the whole table. */
const CLAIM = `
  UPDATE chatops.jobs
  SET state = 'working', attempts = attempts + 1, lease = ${leaseOf("$5")}, leased_by = $3,
      lease_until = chatops.now_ms() + $4
  WHERE seq = ANY (ARRAY(
    SELECT due.seq FROM unnest($1::text[], $2::integer[]) AS wanted (quota, most)
    CROSS JOIN LATERAL (
      SELECT seq FROM chatops.jobs
      WHERE quota = wanted.quota AND state = 'waiting' AND is_first AND next_attempt_at <= chatops.now_ms()
      ORDER BY next_attempt_at, seq LIMIT wanted.most FOR UPDATE SKIP LOCKED) AS due))
  RETURNING seq, key, platform, lane, quota, payload, progress, attempts, accepted_at, next_attempt_at, lease`;

export const RELEASED = "state = 'waiting', lease = NULL, lease_until = NULL, leased_by = NULL";

/**
 * Jobs of other owners whose lease has run out, or whose server is dead. Whether one is dead can be told only by a server that
 * was alive itself for as long: after the database was away, nobody has beaten.
 */
const EXPIRED = `
  SELECT seq FROM chatops.jobs
  WHERE state = 'working' AND leased_by <> $1
    AND (lease_until <= chatops.now_ms() OR EXISTS (
      SELECT FROM chatops.servers other, chatops.servers own
      WHERE other.name = leased_by AND other.beat_at < chatops.now_ms() - ${SERVER_TIMEOUT_MS}
        AND own.name = $1 AND own.alive_since <= chatops.now_ms() - ${SERVER_TIMEOUT_MS}))`;
const EXPIRE = `
  WITH expired AS (${EXPIRED} LIMIT $2 FOR UPDATE SKIP LOCKED)
  UPDATE chatops.jobs SET next_attempt_at = least(lease_until, chatops.now_ms()), ${RELEASED}
  FROM expired WHERE jobs.seq = expired.seq
  RETURNING platform, quota, next_attempt_at AS turn`;

/** Leases of other owners only; an owner's own jobs do not expire for it. */
const FIRST_LEASE = `
  SELECT chatops.now_ms() AS now, (
    SELECT least(
      (SELECT min(lease_until) FROM chatops.jobs WHERE state = 'working' AND leased_by <> $1),
      (SELECT chatops.now_ms() WHERE EXISTS (${EXPIRED})))) AS lease_until`;

const claimedRow = jobRow.extend({ seq: z.number(), next_attempt_at: z.number(), lease: z.string() });
const unreadableRow = z.object({ key: z.string(), lease: z.string(), lane: z.string() });
const expiredRow = z.object({ platform: z.string(), quota: z.string(), turn: z.number() });
const nowRow = z.object({ now: z.number() });
const leaseRow = nowRow.extend({ lease_until: z.number().nullable() });

/** A claimed job whose row cannot be read. */
export type Unreadable = z.infer<typeof unreadableRow>;

export type Claimed = {
  readonly jobs: ClaimedJob[];
  readonly unreadable: Unreadable[];
  /** What is left of the claim, if another server was claiming at this moment and has kept it from some quotas; else null. */
  readonly rest: Claim | null;
};

type Due = { job: ClaimedJob; dueAt: number; seq: number };

type Found = {
  readonly due: Due[];
  readonly unreadable: Unreadable[];
  /** Quotas that have nothing more to do now, or no room for it. */
  readonly exhausted: Set<string>;
};

/** `token`: of this try; the leases are made of it. */
type TokenClaim = Claim & { readonly token: string };

/** Decides which jobs are claimed next. */
export type Claims = {
  /**
   * Leases the jobs, those that cannot be read as well. Call this within a transaction. If `afterOthers`, it first waits for
   * others who are claiming now.
   */
  lease(query: Query, claim: TokenClaim, afterOthers: boolean): Promise<Claimed>;
  nextDueInMs(query: Query, owner: string, platforms: readonly PlatformName[]): Promise<number | null>;
};

export function createClaims(doubts: Pick<Doubts, "putBack">): Claims {
  const clock = createClock();

  /** Puts back jobs of other owners whose lease has run out. */
  async function expireLeases(query: Query, { owner, limit }: Claim): Promise<void> {
    const rows = await query(EXPIRE, [owner, limit]);
    await addTurns(
      query,
      rows.map((row) => expiredRow.parse(row)),
    );
  }

  /** First each platform's share, then what the others left over. */
  async function claimAll(query: Query, { limit, platforms, ...claim }: TokenClaim): Promise<Found> {
    const found: Found = { due: [], unreadable: [], exhausted: new Set() };
    const share = Math.ceil(limit / Math.max(platforms.length, 1));
    for (const part of platforms.length > 1 ? [share, limit] : [limit]) {
      for (const { name, most } of platforms) {
        const claimed = found.due.filter(({ job }) => job.platform === name).length;
        const wanted = Math.min(part, most - claimed, limit - found.due.length);
        if (wanted > 0) await claimOf(query, name, wanted, claim, found);
      }
    }
    return found;
  }

  /** Goes round the quotas whose turn it is, a part of the limit for each, until the limit is reached or nothing is left. */
  async function claimOf(
    query: Query,
    platform: PlatformName,
    limit: number,
    claim: Pick<TokenClaim, "owner" | "leaseMs" | "roomFor" | "token">,
    found: Found,
  ): Promise<void> {
    const { exhausted } = found;
    const end = found.due.length + limit;
    while (found.due.length < end) {
      const turns = await takeTurns(query, platform, limit + exhausted.size);
      const isLast = turns.every(({ quota }) => exhausted.has(quota));
      const open = turns.filter(({ quota, isHeld }) => !isHeld && !exhausted.has(quota));
      const left = end - found.due.length;
      const part = Math.ceil(left / Math.max(open.length, 1));
      const begun = countByQuota(found.due);
      let rest = left;
      const wanted = open.map(({ quota, tries }) => {
        const room = Math.min(claim.roomFor(platform, quota) - (begun.get(quota) ?? 0), tries);
        const most = Math.max(Math.min(part, room, rest), 0);
        rest -= most;
        return { quota, most, hasRoom: room > 0 };
      });
      const claimed = await claimFrom(query, wanted, claim, found);
      for (const { quota, most, hasRoom } of wanted) {
        if (!hasRoom || (claimed.get(quota) ?? 0) < most) exhausted.add(quota);
      }
      // Those that came first, but got nothing for lack of places, keep their place before those that were served.
      const isServed = ({ quota }: { quota: string }) => claimed.has(quota);
      const order = [...turns.filter((turn) => !isServed(turn)), ...turns.filter(isServed)];
      await giveTurnsBack(
        query,
        platform,
        order.map(({ quota }) => quota),
      );
      if (isLast) return;
    }
  }

  /** Returns how many rows of each quota were claimed. */
  async function claimFrom(
    query: Query,
    wanted: readonly { quota: string; most: number }[],
    { owner, leaseMs, token }: Pick<TokenClaim, "owner" | "leaseMs" | "token">,
    found: Found,
  ): Promise<Map<string, number>> {
    const some = wanted.filter(({ most }) => most > 0);
    if (some.length === 0) return new Map();
    const values = [some.map(({ quota }) => quota), some.map(({ most }) => most), owner, leaseMs, token];
    const rows = await query(CLAIM, values);
    const claimed = new Map<string, number>();
    for (const row of rows) {
      const { quota } = z.object({ quota: z.string() }).parse(row);
      claimed.set(quota, (claimed.get(quota) ?? 0) + 1);
      read(row, found);
    }
    return claimed;
  }

  return {
    async lease(query, claim, afterOthers) {
      if (afterOthers) await awaitFirstTurn(query, namesOf(claim));
      const askedAt = performance.now();
      const now = await sayAlive(query, claim.owner);
      if (clock.wasSetBack(now, askedAt)) await rebuildTurns(query);
      await doubts.putBack(query);
      await expireLeases(query, claim);
      const { due, unreadable, exhausted } = await claimAll(query, claim);
      const jobs = due.toSorted((a, b) => a.dueAt - b.dueAt || a.seq - b.seq).map(({ job }) => job);
      const rest = restOf(claim, due);
      const isLeft = rest.limit > 0 && (await isTurnLeft(query, namesOf(rest), [...exhausted]));
      return { jobs, unreadable, rest: isLeft ? rest : null };
    },
    async nextDueInMs(query, owner, platforms) {
      const askedAt = performance.now();
      const [row] = await query(FIRST_LEASE, [owner]);
      const { now, lease_until: leaseUntil } = leaseRow.parse(row);
      // The next claim computes the turns again.
      if (clock.isBehind(now, askedAt)) return 0;
      const turn = await firstTurn(query, platforms);
      const times = [turn, leaseUntil].filter((time) => time !== null);
      return times.length === 0 ? null : Math.max(Math.min(...times) - now, 0);
    },
  };
}

function namesOf({ platforms }: Claim): PlatformName[] {
  return platforms.map(({ name }) => name);
}

/** The same claim, less what was found. */
function restOf(claim: Claim, due: readonly Due[]): Claim {
  const begun = countByQuota(due);
  const ofPlatform = (name: PlatformName) => due.filter(({ job }) => job.platform === name).length;
  return {
    ...claim,
    limit: claim.limit - due.length,
    platforms: claim.platforms
      .map(({ name, most }) => ({ name, most: most - ofPlatform(name) }))
      .filter(({ most }) => most > 0),
    roomFor: (platform, quota) => claim.roomFor(platform, quota) - (begun.get(quota) ?? 0),
  };
}

function countByQuota(due: readonly Due[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { job } of due) counts.set(job.quota, (counts.get(job.quota) ?? 0) + 1);
  return counts;
}

function read(row: unknown, { due, unreadable }: Pick<Found, "due" | "unreadable">): void {
  const { data } = claimedRow.safeParse(row);
  if (!data) unreadable.push(unreadableRow.parse(row));
  else
    due.push({ job: { ...jobFromRow(data), lease: data.lease }, dueAt: data.next_attempt_at, seq: data.seq });
}
