import { randomUUID } from "node:crypto";
import { PlatformError } from "../../errors.ts";
import type { Installations } from "../../store/store.ts";

/** Runs the work once no other work of that account is under way. */
export type OneAtATime = <T>(account: string, work: () => Promise<T>) => Promise<T>;

/** How long the lease of a process that has died holds up the others. */
const LEASE_MS = 20_000;
const EXTEND_EVERY_MS = 5000;
/** Longer than that, and longer than a renewal whose two calls both hang. */
const PATIENCE_MS = 40_000;
const LOOK_EVERY_MS = 250;

export type AccountLockOptions = {
  installations: Installations;
  /** Once aborted, nobody waits for another process any longer. */
  stopping?: AbortSignal;
};

export type AccountLock = {
  run: OneAtATime;
  /** Resolves when no work is under way. */
  idle(): Promise<void>;
};

/**
 * Does one thing at a time on each account, among all processes on the database. Throws PlatformError when another process
 * keeps the account for too long.
 */
export function createAccountLock({ installations, stopping }: AccountLockOptions): AccountLock {
  const owner = randomUUID();
  const inTurn = createOneAtATime();
  const underWay = new Set<Promise<void>>();
  const lease = (account: string) => installations.lease(account, owner, LEASE_MS);

  async function untilLeased(account: string): Promise<void> {
    const patientUntil = performance.now() + PATIENCE_MS;
    while (!(await lease(account))) {
      if (stopping?.aborted || performance.now() >= patientUntil) throw beingChanged(account);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  async function runHeld<T>(account: string, work: () => Promise<T>): Promise<T> {
    await untilLeased(account);
    let extension: Promise<unknown> = Promise.resolve();
    const timer = setInterval(() => {
      // A lease that is lost costs a second try; what was read is still replaced only while it is what is kept.
      extension = lease(account).catch(() => {});
    }, EXTEND_EVERY_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      await extension;
      // If that fails, the lease expires.
      await installations.release(account, owner).catch(() => {});
    }
  }

  return {
    run(account, work) {
      const end = inTurn(account, () => runHeld(account, work));
      const ended = end.catch(() => {}).then(() => void underWay.delete(ended));
      underWay.add(ended);
      return end;
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function beingChanged(account: string): PlatformError {
  const message = `License ${account} is being changed by another process, the server or a command. Try again in a minute.`;
  return new PlatformError(message, { wasAsked: false, retryable: true });
}

/** Runs works on the same account one after the other, within this process, in the order they were asked for; other accounts do not wait. */
export function createOneAtATime(): OneAtATime {
  const last = new Map<string, Promise<unknown>>();
  return function oneAtATime(account, work) {
    const turn = (last.get(account) ?? Promise.resolve()).then(work);
    const ended = turn
      .catch(() => {})
      .then(() => {
        if (last.get(account) === ended) last.delete(account);
      });
    last.set(account, ended);
    return turn;
  };
}
