import { unless, type VisitCalls } from "../keyword-bot/handle.ts";
import type { Bot, ChatioClient } from "./client.ts";
import { isOutOfPlace } from "./refusals.ts";

/** A visit's calls. chat.io refuses in the same way to join a chat that the bot is in, and to leave one that it is not in. */
export function createVisitCalls(
  client: Pick<ChatioClient, "joinChat" | "sendMessage" | "leaveChat">,
): VisitCalls<Bot> {
  return {
    joinChat: (bot, chatId) => client.joinChat(bot, chatId).catch(unless(isOutOfPlace)),
    sendMessage: client.sendMessage,
    leaveChat: (bot, chatId) => client.leaveChat(bot, chatId).catch(unless(isOutOfPlace)),
    // Not documented: how chat.io refuses a call in a chat that is over.
    isChatOver: () => false,
  };
}
