import { isFinal, PlatformError, sentenceOf } from "../../errors.ts";
import type { Platform } from "../platform.ts";
import { createVisit, type Visit, type VisitOptions } from "./visit.ts";

export type ChatioHandleOptions = VisitOptions & {
  /** Replies not said by then are not said at all. */
  reactionMaxAgeMs: number;
};

/** Joins the chat, says the reply to the agents, and leaves, whatever happens in between. */
export function createHandle({ reactionMaxAgeMs, ...options }: ChatioHandleOptions): Platform["handle"] {
  return async function handle(job, save) {
    const visit = createVisit(options, job, save);
    const { sent, refusal } = visit.steps();
    if (refusal !== null) {
      await leaveUnsaid(visit);
      throw new PlatformError(refusal, { retryable: false });
    }
    if (!sent && Date.now() - job.acceptedAt > reactionMaxAgeMs) {
      if (visit.mayBeInside()) await visit.leave();
      return "dropped, it has waited for longer than REACTION_MAX_AGE";
    }
    if (!sent) await sayOrLeave(visit);
    await visit.leave();
    return "replied to the agents";
  };
}

async function sayOrLeave(visit: Visit): Promise<void> {
  try {
    await visit.say();
  } catch (failure) {
    if (visit.mayBeInside()) {
      if (isFinal(failure)) await visit.keep({ refusal: sentenceOf(failure) });
      await leaveUnsaid(visit);
    }
    throw failure;
  }
}

/** What is then kept holds no refusal any more: should an operator put the job back, it begins anew. */
async function leaveUnsaid(visit: Visit): Promise<void> {
  await visit.leave();
  await visit.keep({ joined: false, refusal: null });
}
