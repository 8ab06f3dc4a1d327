import { lengthOf } from "../durations.ts";
import type { Log } from "../log.ts";
import type { InboxDesk } from "../store/store.ts";

/** A job that has waited for longer means that the server falls behind. */
export const BACKLOG_MS = 60_000;

export type Backlog = {
  /** Looks, and tells that jobs have waited for too long, without a full stop; null when none has. Throws StoreError. */
  look(): Promise<string | null>;
};

/** Tells the log when a backlog begins, and when it ends. */
export function createBacklog(desk: Pick<InboxDesk, "longestWaitMs" | "countByState">, log: Log): Backlog {
  let beganAt: number | null = null;

  return {
    async look() {
      const sentence = await backlogSentence(desk);
      if (sentence !== null && beganAt === null) {
        beganAt = performance.now();
        log.warn(`${sentence}.`);
      }
      if (sentence === null && beganAt !== null) {
        log.info(
          `No job has waited for longer than a minute any more; some had for ${lengthOf(performance.now() - beganAt)}.`,
        );
        beganAt = null;
      }
      return sentence;
    },
  };
}

/** That jobs have waited for too long; null when none has. Throws StoreError. */
export async function backlogSentence(
  desk: Pick<InboxDesk, "longestWaitMs" | "countByState">,
): Promise<string | null> {
  const longestMs = await desk.longestWaitMs();
  if (longestMs === null || longestMs <= BACKLOG_MS) return null;
  const { waiting } = await desk.countByState();
  return `Jobs are waiting: ${waiting}, the oldest for ${lengthOf(longestMs)}`;
}
