import { z } from "zod";
import { afterFailure, isFinal, PlatformError, sentenceOf, wasNotDone } from "../../errors.ts";
import type { Job, SaveProgress } from "../../job.ts";
import { chatPayload } from "./events.ts";

/** A platform's calls in a chat, and what their failures mean. Each call throws PlatformError. */
export type VisitCalls<Bot> = {
  joinChat(bot: Bot, chatId: string): Promise<void>;
  /** Not idempotent: repeated, the text appears twice in the chat. */
  sendToAgents(bot: Bot, chatId: string, text: string): Promise<void>;
  leaveChat(bot: Bot, chatId: string): Promise<void>;
  /**
   * Whether a call was refused because of where the bot is: it joins a chat that it is in, or sends to or leaves one that
   * it is not in, or there is no such chat.
   */
  isOutOfPlace(error: unknown): boolean;
  /** Whether a call was refused because the chat is over, so that there is nobody to talk to. */
  isChatOver(error: unknown): boolean;
};

export type VisitOptions<Bot> = {
  calls: VisitCalls<Bot>;
  /** Makes a call as the account's bot. */
  use: <T>(account: string, call: (bot: Bot) => Promise<T>) => Promise<T>;
};

/** How far the visit has come. `refusal`: the reply was refused for good, so only leaving is left to do. */
const progressShape = z.object({
  joined: z.boolean().default(false),
  sent: z.boolean().default(false),
  refusal: z.string().nullable().default(null),
  /** The attempt at whose end the bot was certainly outside; 0: before the first attempt. */
  outsideAfter: z.number().default(0),
});

export type VisitProgress = z.infer<typeof progressShape>;

/** The bot's stay in the chat of one job. */
export type Visit = {
  progress(): VisitProgress;
  /** False only if the bot is certainly outside. */
  mayBeInside(): boolean;
  /** Saves on disk how far the visit has come. */
  keep(progress: Partial<VisitProgress>): Promise<void>;
  /** Saves on disk that the bot is outside now. */
  keepOutside(): Promise<void>;
  /** Joins, if that is still to be done, and says the reply to the agents. */
  say(): Promise<void>;
  /**
   * Leaves. A failure that may pass is thrown as one that must be retried until it succeeds. `first`: why the reply was
   * not said; the failure names it first.
   */
  leave(first?: unknown): Promise<void>;
};

export function createVisit<Bot>({ calls, use }: VisitOptions<Bot>, job: Job, save: SaveProgress): Visit {
  const { account, chatId, reply } = chatPayload.parse(job.payload);
  let progress = progressShape.parse(job.progress);
  // If the attempt before ended in a crash, nobody knows what became of its calls.
  let mayBeInside = progress.joined || progress.outsideAfter !== job.attempts - 1;

  function keep(next: Partial<VisitProgress>): Promise<void> {
    progress = { ...progress, ...next };
    return save(progress);
  }

  async function join(): Promise<void> {
    const mightHaveBeen = mayBeInside;
    try {
      await use(account, joinOnce);
    } catch (error) {
      // Perhaps the bot is in already; sending will tell.
      if (!mightHaveBeen || !calls.isOutOfPlace(error)) throw error;
    }
    await keep({ joined: true });
  }

  /** Only this call's failure says where the bot is, not that of a renewal of tokens on the way. */
  async function joinOnce(bot: Bot): Promise<void> {
    const mightHaveBeen = mayBeInside;
    mayBeInside = true;
    await calls.joinChat(bot, chatId).catch((error: unknown) => {
      if (wasNotDone(error)) mayBeInside = mightHaveBeen;
      throw error;
    });
  }

  async function send(): Promise<void> {
    await use(account, (bot) => calls.sendToAgents(bot, chatId, reply));
  }

  return {
    progress: () => progress,
    mayBeInside: () => mayBeInside,
    keep,
    keepOutside: () => keep({ joined: false, refusal: null, outsideAfter: job.attempts }),
    async say() {
      const joinedBefore = progress.joined;
      if (!joinedBefore) await join();
      // The one call that a crash can repeat: between the platform's answer and the commit that saves `sent`.
      await send().catch(async (error: unknown) => {
        // An earlier attempt joined, and may have left without our hearing of it.
        if (!joinedBefore || !calls.isOutOfPlace(error)) throw error;
        await join().catch((failure: unknown) => {
          throw afterFailure(error, "the bot could not join again", failure);
        });
        await send();
      });
      await keep({ sent: true });
    },
    async leave(first = null) {
      try {
        await use(account, (bot) => calls.leaveChat(bot, chatId));
      } catch (error) {
        // Not in the chat, or no such chat: either way the bot is outside.
        if (calls.isOutOfPlace(error)) return;
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
