import { randomUUID } from "node:crypto";
import { PlatformError } from "../../errors.ts";
import type { Installations } from "../../store/store.ts";
import type { InstallationKind } from "./installation.ts";

/** Runs the work once no other work on that account is under way. */
export type OneAtATime = <T>(account: string, work: () => Promise<T>) => Promise<T>;

/** How long a process that has died keeps others waiting. */
const LEASE_MS = 20_000;
const EXTEND_EVERY_MS = 5000;
/** Longer than the lease, and longer than a renewal whose two calls both time out. */
const PATIENCE_MS = 40_000;
const LOOK_EVERY_MS = 250;

export type AccountLockOptions = {
  kind: Pick<InstallationKind, "beingChanged">;
  installations: Pick<Installations, "lease" | "release">;
  /** Once aborted, nobody waits for another process any longer. */
  stopping?: AbortSignal;
};

export type AccountLock = {
  run: OneAtATime;
  /** Resolves when no work is under way. */
  idle(): Promise<void>;
};

/**
 * Does one thing at a time on each account, across all processes on the database. Throws PlatformError when another
 * process keeps the account for too long.
 */
export function createAccountLock({ kind, installations, stopping }: AccountLockOptions): AccountLock {
  const owner = randomUUID();
  const inTurn = createOneAtATime();
  const underWay = new Set<Promise<void>>();
  const lease = (account: string) => installations.lease(account, owner, LEASE_MS);

  async function untilLeased(account: string): Promise<void> {
    const patientUntil = performance.now() + PATIENCE_MS;
    while (!(await lease(account))) {
      if (stopping?.aborted || performance.now() >= patientUntil)
        throw beingChanged(kind.beingChanged(account));
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  async function runHeld<T>(account: string, work: () => Promise<T>): Promise<T> {
    await untilLeased(account);
    let extension: Promise<unknown> = Promise.resolve();
    const timer = setInterval(() => {
      // Losing the lease does no harm: what was read is replaced only if it is still what is stored.
      extension = lease(account).catch(() => {});
    }, EXTEND_EVERY_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      await extension;
      // If this fails, the lease expires.
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

function beingChanged(message: string): PlatformError {
  return new PlatformError(message, { wasAsked: false, retryable: true });
}

/** Does the work on one account one at a time, in order, within this process. Accounts do not wait for each other. */
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
