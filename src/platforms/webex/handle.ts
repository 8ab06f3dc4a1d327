import { z } from "zod";
import { isFinal } from "../../errors.ts";
import type { Job, SaveProgress } from "../../job.ts";
import { type Ledger, replyWithBalance, wordsOf } from "../../reactions/balance.ts";
import type { Platform } from "../platform.ts";
import type { WebexClient, WebexMessage, WebexPerson } from "./client.ts";
import { webexPayload } from "./events.ts";
import { textWithoutMentions } from "./mention.ts";
import { isAllowed, isFromBot, isOwn } from "./senders.ts";

/** After this long, nobody is waiting for the balance any more. */
const REPLY_MAX_AGE_MS = 900_000;

export type WebexHandleOptions = {
  client: Pick<WebexClient, "getMessage" | "createMessage">;
  /** The bot itself; fetched once. */
  getMe: () => Promise<WebexPerson>;
  ledger: Ledger;
  allowedSenders: readonly string[] | null;
  /** Whether a balance asked for in a group room goes to the sender only. */
  replyPrivately: boolean;
};

/** `told`: the sender has the balance; only the note to the room is left. */
const progressShape = z.object({ told: z.boolean().default(false) });

/** Fetches the message that a job is about and replies in that message's room. */
export function createHandle(options: WebexHandleOptions): Platform["handle"] {
  const { client, getMe, ledger, allowedSenders, replyPrivately } = options;
  return async function handle(job, save) {
    if (Date.now() - job.acceptedAt > REPLY_MAX_AGE_MS)
      return "dropped, it has waited for more than 15 minutes";
    const { messageId } = webexPayload.parse(job.payload);
    const message = await fetchMessage(client, messageId);
    if (message === null) return "dropped, the message is gone or the bot may not see it";
    const me = await getMe();
    if (isOwn(message, me)) return "ignored, it is the bot's own message";
    if (isFromBot(message)) return "ignored, it is another bot's message";
    if (!isAllowed(message, allowedSenders)) return "ignored, the sender is not in WT_ALLOWED_SENDERS";
    const text = replyWithBalance(wordsOf(textWithoutMentions(message, me)), ledger);
    if (replyPrivately && message.roomType !== "direct") return tellSender(text, message, job, save);
    // A crash repeats this call, and only this one, between Webex's answer and the commit that settles the job.
    await client.createMessage({ ...roomOf(message), text });
    return "replied";
  };

  async function tellSender(
    text: string,
    message: WebexMessage,
    job: Job,
    save: SaveProgress,
  ): Promise<string> {
    const { told } = progressShape.parse(job.progress);
    if (!told) {
      // As above, a crash before the commit on the next line repeats this call. Repeating the note to the room is harmless.
      await client.createMessage({ toPersonId: message.personId, text });
      await save({ told: true });
    }
    await client.createMessage({ ...roomOf(message), text: "I have sent it to you." });
    return "replied to the sender alone";
  }
}

async function fetchMessage(client: WebexHandleOptions["client"], id: string): Promise<WebexMessage | null> {
  try {
    return await client.getMessage(id);
  } catch (error) {
    if (isFinal(error) && error.status === 404) return null;
    throw error;
  }
}

/** All replies in a thread name its first message as their parent, never each other. */
function roomOf({ roomId, parentId }: WebexMessage): { roomId: string; parentId?: string } {
  return parentId === undefined ? { roomId } : { roomId, parentId };
}
