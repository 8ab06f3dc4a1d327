import { z } from "zod";
import { afterFailure, isFinal, PlatformError, sentenceOf, wasNotDone } from "../../errors.ts";
import type { Job, SaveProgress } from "../../job.ts";
import type { Audience, Reply } from "../../reactions/keywords.ts";
import type { Platform } from "../platform.ts";
import { chatPayload } from "./events.ts";

/** A platform's calls in a chat, and what their failures mean. Each call throws PlatformError. */
export type VisitCalls<Bot> = {
  /** `to`: whom the bot is going to speak to. Also resolves if the bot may be in the chat already: sending will tell. */
  joinChat(bot: Bot, chatId: string, to: Audience): Promise<void>;
  /** Not idempotent: repeated, the text appears twice in the chat. */
  sendMessage(bot: Bot, chatId: string, reply: Reply): Promise<void>;
  /** Also resolves if the bot is not in the chat, or there is no such chat. */
  leaveChat(bot: Bot, chatId: string): Promise<void>;
  /** Whether a call was refused because the chat is over, so that there is nobody to talk to. */
  isChatOver(error: unknown): boolean;
};

/** For a call that has done its work even if it is refused so. */
export function unless(isFine: (error: unknown) => boolean): (error: unknown) => void {
  return (error) => {
    if (!isFine(error)) throw error;
  };
}

/** Makes a call in a chat as the account's bot. */
export type Act<Bot> = <T>(account: string, call: (bot: Bot) => Promise<T>) => Promise<T>;

type VisitOptions<Bot> = {
  calls: VisitCalls<Bot>;
  act: Act<Bot>;
};

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
      if (!visit.isOutside()) await visit.leave();
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
      if (!visit.isOutside()) await visit.leave();
      return false;
    }
    if (visit.isOutside()) await visit.keepOutside();
    else {
      if (isFinal(failure)) await visit.keep({ refusal: sentenceOf(failure) });
      await leaveUnsaid(visit, failure);
    }
    throw failure;
  }
}

/**
 * Leaves after a reply could not be said; `first`: why not. We keep the refusal only until the bot has left. A dead job
 * keeps none, so that an operator's retry tries the replies again: the cause may have been fixed.
 */
async function leaveUnsaid(visit: Visit, first: unknown): Promise<void> {
  try {
    await visit.leave(first);
  } catch (error) {
    // Could not leave for good: the bot may still be inside when an operator retries the job.
    if (isFinal(error)) await visit.keep({ refusal: null, outsideAfter: NEVER });
    throw error;
  }
  await visit.keepOutside();
}

/** Of `outsideAfter`: nothing is certain. */
const NEVER = -1;

/** How far the visit has come. `refusal`: a reply was refused for good, so only leaving is left to do. */
const progressShape = z
  .object({
    /** An earlier release saved this before it sent. */
    joined: z.boolean().default(false),
    /** How many replies have been said. An earlier release had only one, and kept whether it was. */
    sent: z.union([z.number(), z.boolean().transform(Number)]).default(0),
    refusal: z.string().nullable().default(null),
    /** The last attempt after which the bot was certainly outside. 0: before the first attempt it is. */
    outsideAfter: z.number().default(0),
  })
  .transform(({ joined, ...progress }) => (joined ? { ...progress, outsideAfter: NEVER } : progress));

type VisitProgress = z.infer<typeof progressShape>;

/** The bot's stay in the chat of one job. */
type Visit = {
  readonly replies: readonly Reply[];
  progress(): VisitProgress;
  /** Whether the bot is certainly outside. If not, it may be inside. */
  isOutside(): boolean;
  /** Saves on disk how far the visit has come. */
  keep(progress: Partial<VisitProgress>): Promise<void>;
  /** Saves on disk that the bot is outside now. */
  keepOutside(): Promise<void>;
  /** Joins, and says the replies that are left, in order. */
  say(): Promise<void>;
  /**
   * Leaves. A failure that may pass is thrown as one that must be retried until it succeeds. `first`: why a reply was
   * not said; the failure names it first.
   */
  leave(first?: unknown): Promise<void>;
};

function createVisit<Bot>({ calls, act }: VisitOptions<Bot>, job: Job, save: SaveProgress): Visit {
  const { account, chatId, replies } = chatPayload.parse(job.payload);
  const audience = replies.some(({ to }) => to === "everyone") ? "everyone" : "agents";
  let progress = progressShape.parse(job.progress);
  // If the attempt before ended in a crash, nobody knows what became of its calls.
  let isOutside = progress.outsideAfter === job.attempts - 1;

  function keep(next: Partial<VisitProgress>): Promise<void> {
    progress = { ...progress, ...next };
    return save(progress);
  }

  /** A renewal of tokens that fails on the way does not move the bot, so `isOutside` changes here, around this call only. */
  async function join(bot: Bot): Promise<void> {
    const wasOutside = isOutside;
    isOutside = false;
    await calls.joinChat(bot, chatId, audience).catch((error: unknown) => {
      if (wasNotDone(error)) isOutside = wasOutside;
      throw error;
    });
  }

  return {
    replies,
    progress: () => progress,
    isOutside: () => isOutside,
    keep,
    keepOutside: () => keep({ refusal: null, outsideAfter: job.attempts }),
    async say() {
      await act(account, join);
      for (const reply of replies.slice(progress.sent)) {
        // The only call whose repetition is seen: the text then appears twice. It is repeated if its answer is lost, or after
        // a crash between the answer and the commit that saves `sent`.
        await act(account, (bot) => calls.sendMessage(bot, chatId, reply));
        await keep({ sent: progress.sent + 1 });
      }
    },
    async leave(first = null) {
      try {
        await act(account, (bot) => calls.leaveChat(bot, chatId));
      } catch (error) {
        if (first === null) throw isFinal(error) ? error : mustSucceed(error, STILL_INSIDE);
        throw afterFailure(first, COULD_NOT_LEAVE, isFinal(error) ? error : mustSucceed(error));
      }
    },
  };
}

const STILL_INSIDE = "The bot may still be in the chat: ";
const COULD_NOT_LEAVE = "the bot could not leave";
const NOTHING_KNOWN = { wasAsked: false, status: null, type: null, retryAfterMs: null };

/** Nothing that may pass, not even an unreadable database, is a reason to leave the bot in the chat. */
function mustSucceed(error: unknown, prefix = ""): PlatformError {
  const { wasAsked, status, type, retryAfterMs } = error instanceof PlatformError ? error : NOTHING_KNOWN;
  const facts = { wasAsked, status, type, retryAfterMs, retryable: true, mustSucceed: true };
  return new PlatformError(`${prefix}${sentenceOf(error)}`, facts, { cause: error });
}
