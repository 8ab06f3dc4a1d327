import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Query } from "./connections.ts";
import { addTurns } from "./turns.ts";

// When the answer to a claim is lost, nobody knows whether PostgreSQL has committed it. Its jobs would be leased by this server,
// which does not know of them, until their lease runs out. So each try has a token, and its leases are made of it.

/** The lease that the try with the token $n gives to a job. */
export function leaseOf(token: string): string {
  return `md5(${token} || ' ' || jobs.seq)::uuid`;
}

/** As if they had not been claimed. */
const PUT_BACK = `
  UPDATE chatops.jobs SET state = 'waiting', attempts = attempts - 1, lease = NULL, lease_until = NULL, leased_by = NULL
  WHERE state = 'working' AND lease IN (SELECT ${leaseOf("token")} FROM unnest($1::text[]) AS token)
  RETURNING platform, quota, next_attempt_at AS turn`;

const turnRow = z.object({ platform: z.string(), quota: z.string(), turn: z.number() });

/** After this long, in ms, PostgreSQL has committed a transaction or ended it: LIMITS in connections.ts. */
const CERTAIN_AFTER_MS = 20_000;

export type Doubts = {
  /**
   * Does something that is tried several times; each try begins with `next`, which gives it its token. What became of the
   * tries before it, and of one that is rejected at last, is in doubt.
   */
  whileTrying<T>(work: (next: () => string) => Promise<T>): Promise<T>;
  /** Puts back what tries in doubt have claimed. Call this within the transaction of a later claim. */
  putBack(query: Query): Promise<void>;
};

export function createDoubts(): Doubts {
  /** By token: since when, by `performance.now()`. */
  const inDoubt = new Map<string, number>();

  return {
    async whileTrying(work) {
      let last: string | null = null;
      const doubt = () => {
        if (last !== null) inDoubt.set(last, performance.now());
      };
      try {
        return await work(() => {
          doubt();
          last = randomUUID();
          return last;
        });
      } catch (error) {
        doubt();
        throw error;
      }
    },
    async putBack(query) {
      if (inDoubt.size === 0) return;
      const tokens = [...inDoubt];
      const turns = (await query(PUT_BACK, [tokens.map(([token]) => token)])).map((row) =>
        turnRow.parse(row),
      );
      await addTurns(query, turns);
      for (const [token, since] of tokens)
        if (performance.now() - since > CERTAIN_AFTER_MS) inDoubt.delete(token);
    },
  };
}
