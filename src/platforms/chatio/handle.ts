import { z } from "zod";
import { PlatformError, sentenceOf } from "../../errors.ts";
import type { Job, Platform, SaveProgress } from "../platform.ts";
import type { ChatioClient } from "./client.ts";
import { chatioPayload } from "./events.ts";
import type { TokenKeeper } from "./tokens.ts";

export type ChatioHandleOptions = { client: ChatioClient; tokens: TokenKeeper; reactionMaxAgeMs: number };

/** The steps done so far. `refusal`: the reply was refused for good, and only leaving is left to do. */
const progressShape = z.object({
  joined: z.boolean().default(false),
  sent: z.boolean().default(false),
  refusal: z.string().nullable().default(null),
});

type Progress = z.infer<typeof progressShape>;
type Payload = z.infer<typeof chatioPayload>;

/** Joins the chat, says the reply to the agents, and leaves, whatever happens in between. */
export function createHandle({ client, tokens, reactionMaxAgeMs }: ChatioHandleOptions): Platform["handle"] {
  const join = ({ licenseId, chatId }: Payload) =>
    tokens.use(licenseId, (bot) => client.joinChat(bot, chatId));
  const send = ({ licenseId, chatId, reply }: Payload) =>
    tokens.use(licenseId, (bot) => client.sendToAgents(bot, chatId, reply));

  /** Refused as invalid, the bot is not in the chat, or there is no such chat: either way it is out. */
  async function leave({ licenseId, chatId }: Payload): Promise<void> {
    try {
      await tokens.use(licenseId, (bot) => client.leaveChat(bot, chatId));
    } catch (error) {
      if (isRefusedAsInvalid(error)) return;
      throw error instanceof PlatformError && error.retryable ? stillInside(error) : error;
    }
  }

  return async function handle(job, save) {
    const payload = chatioPayload.parse(job.payload);
    const done = progressShape.parse(job.progress);
    if (done.refusal !== null) {
      await leave(payload);
      throw new PlatformError(done.refusal, { retryable: false });
    }
    if (!done.sent && Date.now() - job.acceptedAt > reactionMaxAgeMs) {
      if (mayBeInside(job)) await leave(payload);
      return "dropped, it has waited for longer than REACTION_MAX_AGE";
    }
    if (!done.sent) await joinAndSend(job, payload, done, save);
    await leave(payload);
    return "replied to the agents";
  };

  async function joinAndSend(job: Job, payload: Payload, done: Progress, save: SaveProgress): Promise<void> {
    let reached = done;
    const reach = (progress: Progress) => {
      reached = progress;
      return save(progress);
    };
    const enter = async () => {
      await join(payload).catch((error: unknown) => {
        // An earlier attempt may have joined without our hearing of it; whether the bot is in, sending will tell.
        if (!mayBeInside(job) || !isRefusedAsInvalid(error)) throw error;
      });
      await reach({ ...reached, joined: true });
    };
    try {
      if (!done.joined) await enter();
      // The one call that a crash can repeat: between chat.io's answer to it and the commit that keeps `sent`.
      await send(payload).catch(async (error: unknown) => {
        // It was an earlier attempt that joined, and it may have left without our hearing of it.
        if (!done.joined || !isRefusedAsInvalid(error)) throw error;
        await enter();
        await send(payload);
      });
      await reach({ ...reached, sent: true });
    } catch (failure) {
      await leaveAfter(failure, job, payload, reached, save);
      throw failure;
    }
  }

  async function leaveAfter(
    failure: unknown,
    job: Job,
    payload: Payload,
    reached: Progress,
    save: SaveProgress,
  ) {
    const refused = failure instanceof PlatformError && !failure.retryable;
    if (refused && !reached.joined && !mayBeInside(job)) return;
    if (refused) await save({ ...reached, refusal: sentenceOf(failure) });
    await leave(payload);
    if (!refused) await save({ ...reached, joined: false });
  }
}

/** The first attempt begins outside; a later one cannot know what came of a call that was not answered. */
function mayBeInside(job: Job): boolean {
  return job.attempts > 1;
}

function isRefusedAsInvalid(error: unknown): boolean {
  return error instanceof PlatformError && !error.retryable && error.type === "validation";
}

function stillInside(error: PlatformError): PlatformError {
  const { status, type, retryAfterMs } = error;
  const facts = { status, type, retryAfterMs, retryable: true, mustSucceed: true };
  return new PlatformError(`The bot may still be in the chat: ${error.message}`, facts, { cause: error });
}
