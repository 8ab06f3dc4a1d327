import { isFinal, PlatformError, sentenceOf } from "../../errors.ts";
import type { Reply } from "../../reactions/keywords.ts";
import type { Platform } from "../platform.ts";
import { createVisit, type Visit, type VisitOptions } from "./visit.ts";

export type HandleOptions<Bot> = VisitOptions<Bot> & {
  /** What has waited longer, in ms, is not said any more. */
  reactionMaxAgeMs: number;
};

/** Joins the chat, says the replies, and leaves, whatever happens in between. */
export function createHandle<Bot>({ reactionMaxAgeMs, ...options }: HandleOptions<Bot>): Platform["handle"] {
  return async function handle(job, save) {
    const visit = createVisit(options, job, save);
    const { sent, refusal } = visit.progress();
    const isAllSaid = sent >= visit.replies.length;
    if (refusal !== null) {
      await leaveUnsaid(visit, refusal);
      throw new PlatformError(refusal, { retryable: false });
    }
    if (!isAllSaid && Date.now() - job.acceptedAt > reactionMaxAgeMs) {
      if (visit.mayBeInside()) await visit.leave();
      return "dropped, it has waited for longer than REACTION_MAX_AGE";
    }
    if (!isAllSaid && !(await sayOrLeave(visit, options))) return "not said, the chat is over";
    await visit.leave();
    return outcomeOf(visit.replies);
  };
}

function outcomeOf(replies: readonly Reply[]): string {
  const audiences = new Set(replies.map(({ to }) => to));
  if (!audiences.has("everyone")) return "replied to the agents";
  return audiences.has("agents") ? "replied to everyone, and to the agents" : "replied to everyone";
}

/** False: the chat is over, and the bot is outside. */
async function sayOrLeave(
  visit: Visit,
  { calls: { isChatOver } }: Pick<VisitOptions<never>, "calls">,
): Promise<boolean> {
  try {
    await visit.say();
    return true;
  } catch (failure) {
    if (isChatOver(failure)) {
      if (visit.mayBeInside()) await visit.leave();
      return false;
    }
    if (!visit.mayBeInside()) await visit.keepOutside();
    else {
      if (isFinal(failure)) await visit.keep({ refusal: sentenceOf(failure) });
      await leaveUnsaid(visit, failure);
    }
    throw failure;
  }
}

/**
 * Leaves after a reply could not be said; `first`: why not. A refusal is saved only while leaving is retried. A job
 * that ends has none: if an operator retries it, it starts anew, since the cause may have been fixed.
 */
async function leaveUnsaid(visit: Visit, first: unknown): Promise<void> {
  try {
    await visit.leave(first);
  } catch (error) {
    if (isFinal(error)) await visit.keep({ refusal: null, outsideAfter: 0 });
    throw error;
  }
  await visit.keepOutside();
}
