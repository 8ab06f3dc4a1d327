import { z } from "zod";
import { afterFailure, isFinal, PlatformError, sentenceOf, wasNotDone } from "../../errors.ts";
import type { Job, SaveProgress } from "../../job.ts";
import type { Bot, ChatioClient } from "./client.ts";
import { chatioPayload } from "./events.ts";
import { isRefusedAsInvalid } from "./refusals.ts";
import type { TokenKeeper } from "./tokens.ts";

export type VisitOptions = { client: ChatioClient; tokens: TokenKeeper };

/** How far the visit has come. `refusal`: the reply was refused for good, and only leaving is left to do. */
const progressShape = z.object({
  joined: z.boolean().default(false),
  sent: z.boolean().default(false),
  refusal: z.string().nullable().default(null),
  /** The attempt at whose end the bot was certainly outside; none has ended before the first. */
  outsideAfter: z.number().default(0),
});

export type VisitProgress = z.infer<typeof progressShape>;

/** The bot's stay in the chat of one job. */
export type Visit = {
  progress(): VisitProgress;
  /** True unless it is certain that the bot is outside. */
  mayBeInside(): boolean;
  /** Keeps on disk how far the visit has come. */
  keep(progress: Partial<VisitProgress>): Promise<void>;
  /** Keeps that the bot is outside now. */
  keepOutside(): Promise<void>;
  /** Joins, where that is still to be done, and says the reply to the agents. */
  say(): Promise<void>;
  /**
   * Leaves. What passes by itself is thrown as a failure that must not be given up. `first`: why the reply was not said, with
   * which the failure begins.
   */
  leave(first?: unknown): Promise<void>;
};

export function createVisit({ client, tokens }: VisitOptions, job: Job, save: SaveProgress): Visit {
  const { account, chatId, reply } = chatioPayload.parse(job.payload);
  let progress = progressShape.parse(job.progress);
  // Where the attempt before has ended in a crash, nobody knows what came of its calls.
  let mayBeInside = progress.joined || progress.outsideAfter !== job.attempts - 1;

  function keep(next: Partial<VisitProgress>): Promise<void> {
    progress = { ...progress, ...next };
    return save(progress);
  }

  async function join(): Promise<void> {
    const mightHaveBeen = mayBeInside;
    try {
      await tokens.use(account, joinOnce);
    } catch (error) {
      // Perhaps it is refused because the bot is in already; sending will tell.
      if (!mightHaveBeen || !isRefusedAsInvalid(error)) throw error;
    }
    await keep({ joined: true });
  }

  /** What else may fail on the way, a renewal of tokens for instance, says nothing about where the bot is. */
  async function joinOnce(bot: Bot): Promise<void> {
    const mightHaveBeen = mayBeInside;
    mayBeInside = true;
    await client.joinChat(bot, chatId).catch((error: unknown) => {
      if (wasNotDone(error)) mayBeInside = mightHaveBeen;
      throw error;
    });
  }

  async function send(): Promise<void> {
    await tokens.use(account, (bot) => client.sendToAgents(bot, chatId, reply));
  }

  return {
    progress: () => progress,
    mayBeInside: () => mayBeInside,
    keep,
    keepOutside: () => keep({ joined: false, refusal: null, outsideAfter: job.attempts }),
    async say() {
      const joinedBefore = progress.joined;
      if (!joinedBefore) await join();
      // The one call that a crash can repeat: between chat.io's answer to it and the commit that keeps `sent`.
      await send().catch(async (error: unknown) => {
        // It was an earlier attempt that joined, and it may have left without our hearing of it.
        if (!joinedBefore || !isRefusedAsInvalid(error)) throw error;
        await join().catch((failure: unknown) => {
          throw afterFailure(error, "the bot could not join again", failure);
        });
        await send();
      });
      await keep({ sent: true });
    },
    async leave(first = null) {
      try {
        await tokens.use(account, (bot) => client.leaveChat(bot, chatId));
      } catch (error) {
        // The bot is not in the chat, or there is no such chat: either way it is out.
        if (isRefusedAsInvalid(error)) return;
        if (first === null) throw isFinal(error) ? error : mustSucceed(error, STILL_INSIDE);
        throw afterFailure(first, COULD_NOT_LEAVE, isFinal(error) ? error : mustSucceed(error));
      }
    },
  };
}

const STILL_INSIDE = "The bot may still be in the chat: ";
const COULD_NOT_LEAVE = "the bot could not leave";
const NOTHING_KNOWN = { wasAsked: true, status: null, type: null, retryAfterMs: null };

/** Whatever it was, a database that cannot be read included, is no reason to leave the bot where it is. */
function mustSucceed(error: unknown, prefix = ""): PlatformError {
  const { wasAsked, status, type, retryAfterMs } = error instanceof PlatformError ? error : NOTHING_KNOWN;
  const facts = { wasAsked, status, type, retryAfterMs, retryable: true, mustSucceed: true };
  return new PlatformError(`${prefix}${sentenceOf(error)}`, facts, { cause: error });
}
