import { PlatformError } from "../../errors.ts";
import { type Ledger, replyWithBalance, wordsOf } from "../../reactions/balance.ts";
import type { Platform } from "../platform.ts";
import type { WebexClient, WebexMessage, WebexPerson } from "./client.ts";
import { webexPayload } from "./events.ts";
import { textWithoutMentions } from "./mention.ts";
import { isAllowed, isFromBot, isOwn } from "./senders.ts";

/** A balance told later than this answers a question that nobody is asking any more. */
const REPLY_MAX_AGE_MS = 900_000;

export type WebexHandleOptions = {
  client: WebexClient;
  /** The bot's own person; asked for once. */
  getMe: () => Promise<WebexPerson>;
  ledger: Ledger;
  allowedSenders: readonly string[] | null;
};

/** Reads the message that a job is about and replies, in the room of the message as it was read. */
export function createHandle({
  client,
  getMe,
  ledger,
  allowedSenders,
}: WebexHandleOptions): Platform["handle"] {
  return async function handle(job) {
    if (Date.now() - job.acceptedAt > REPLY_MAX_AGE_MS)
      return "dropped, it has waited for more than 15 minutes";
    const { messageId } = webexPayload.parse(job.payload);
    const message = await fetchMessage(client, messageId);
    if (message === null) return "dropped, the message is gone or not for the bot to see";
    const me = await getMe();
    if (isOwn(message, me)) return "ignored, it is the bot's own message";
    if (isFromBot(message)) return "ignored, it is another bot's message";
    if (!isAllowed(message, allowedSenders)) return "ignored, the sender is not in WT_ALLOWED_SENDERS";
    // The one call that a crash can repeat: between Webex's answer to it and the commit that settles the job.
    await client.createMessage(replyTo(message, me, ledger));
    return "replied";
  };
}

async function fetchMessage(client: WebexClient, id: string): Promise<WebexMessage | null> {
  try {
    return await client.getMessage(id);
  } catch (error) {
    if (error instanceof PlatformError && error.status === 404) return null;
    throw error;
  }
}

function replyTo(message: WebexMessage, me: WebexPerson, ledger: Ledger) {
  const { roomId, parentId } = message;
  const text = replyWithBalance(wordsOf(textWithoutMentions(message, me)), ledger);
  // A thread's replies all name its first message, never each other.
  return parentId === undefined ? { roomId, text } : { roomId, parentId, text };
}
