import { randomUUID } from "node:crypto";
import { PlatformError } from "../../errors.ts";
import type { Installations } from "../../store/store.ts";
import { createOneAtATime, type OneAtATime } from "./one-at-a-time.ts";

/** How long the lease of a process that has died holds up the others. */
const LEASE_MS = 20_000;
const EXTEND_EVERY_MS = 5000;
/** Longer than that, and longer than a renewal whose two calls both hang. */
const PATIENCE_MS = 40_000;
const LOOK_EVERY_MS = 250;

export type LicenseLockOptions = {
  installations: Installations;
  /** Once it is aborted nobody waits for another process any more. */
  stopping?: AbortSignal;
};

export type LicenseLock = {
  run: OneAtATime;
  /** Resolves when no work is under way. */
  idle(): Promise<void>;
};

/**
 * Runs works of the same license one after the other, those of other processes on the same database included. Throws
 * PlatformError where another process has the license for too long.
 */
export function createLicenseLock({ installations, stopping }: LicenseLockOptions): LicenseLock {
  const owner = randomUUID();
  const inTurn = createOneAtATime();
  const underWay = new Set<Promise<void>>();
  const take = (licenseId: number) => installations.lease(licenseId, owner, LEASE_MS);

  async function untilTaken(licenseId: number): Promise<void> {
    const patientUntil = performance.now() + PATIENCE_MS;
    while (!(await take(licenseId))) {
      if (stopping?.aborted || performance.now() >= patientUntil) throw beingChanged(licenseId);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  async function runHeld<T>(licenseId: number, work: () => Promise<T>): Promise<T> {
    await untilTaken(licenseId);
    let extension: Promise<unknown> = Promise.resolve();
    const timer = setInterval(() => {
      // A lease that is lost costs a second try; what was read is still replaced only while it is what is kept.
      extension = take(licenseId).catch(() => {});
    }, EXTEND_EVERY_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      await extension;
      // Where that fails it ends by itself.
      await installations.release(licenseId, owner).catch(() => {});
    }
  }

  return {
    run(licenseId, work) {
      const end = inTurn(licenseId, () => runHeld(licenseId, work));
      const ended = end.catch(() => {}).then(() => void underWay.delete(ended));
      underWay.add(ended);
      return end;
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function beingChanged(licenseId: number): PlatformError {
  const message = `License ${licenseId} is being changed by another process, the server or a command. Try again in a minute.`;
  // Status 0: there was no call, so this tells nothing of chat.io.
  return new PlatformError(message, { status: 0, retryable: true });
}
