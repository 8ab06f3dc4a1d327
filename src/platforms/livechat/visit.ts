import { unless, type VisitCalls } from "../keyword-bot/handle.ts";
import type { Bot, LivechatClient } from "./client.ts";
import { isChatOver, isOutside, mayBeIn } from "./refusals.ts";

/** A visit's calls. Whether the bot is in a chat already, or no longer, is not known before LiveChat says so. */
export function createVisitCalls(client: LivechatClient): VisitCalls<Bot> {
  return {
    joinChat: (bot, chatId, to) => client.joinChat(bot, chatId, to).catch(unless(mayBeIn)),
    sendMessage: client.sendMessage,
    leaveChat: (bot, chatId) => client.leaveChat(bot, chatId).catch(unless(isOutside)),
    isChatOver,
  };
}
