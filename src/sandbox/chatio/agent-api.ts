import { Router } from "express";
import { z } from "zod";
import type { Answer } from "../answer.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Incoming } from "../incoming.ts";
import { authenticate, parseBody } from "./api-call.ts";
import type { BotAgents, RegisteredBot } from "./bot-agents.ts";
import { appendEvent, type Chat, type Chats, type NewEvent } from "./chats.ts";
import { apiRefusal } from "./errors.ts";
import type { TokenBook } from "./tokens.ts";
import { type Announce, wireEvent } from "./webhooks.ts";

type AgentApiContext = {
  apiVersion: string;
  tokens: TokenBook;
  bots: BotAgents;
  chats: Chats;
  announce: Announce;
  endpoint: Endpoint;
};

const membership = z.strictObject({ chat_id: z.string(), agent_ids: z.array(z.string()).min(1) });
const message = z.strictObject({
  type: z.literal("message"),
  text: z.string().min(1),
  recipients: z.enum(["all", "agents"]).default("all"),
  custom_id: z.string().optional(),
});
const membershipBody = z.strictObject({ author_id: z.string(), payload: membership });
const sendBody = z.strictObject({
  author_id: z.string(),
  payload: z.strictObject({ chat_id: z.string(), event: message }),
});

/** The agent API: bots join chats, write, and leave. */
export function createAgentApi(context: AgentApiContext): Router {
  const { apiVersion, tokens, bots, chats, announce, endpoint } = context;

  function join(incoming: Incoming): Answer {
    const { bot, chat } = openMembership(incoming);
    if (chat.members.has(bot.id)) throw apiRefusal("validation", "already in the chat");
    chat.members.add(bot.id);
    write(chat, {
      type: "system_message",
      authorName: "system",
      text: `${bot.settings.name} joined the chat`,
    });
    return { status: 200 };
  }

  function leave(incoming: Incoming): Answer {
    const { bot, chat } = openMembership(incoming);
    requireMember(chat, bot);
    chat.members.delete(bot.id);
    write(chat, { type: "system_message", authorName: "system", text: `${bot.settings.name} left the chat` });
    return { status: 200 };
  }

  function send(incoming: Incoming): Answer {
    const access = authenticate(incoming, apiVersion, tokens);
    const { author_id, payload } = parseBody(incoming, sendBody);
    const bot = requireBot(access.licenseId, author_id);
    const chat = requireChat(access.licenseId, payload.chat_id);
    requireMember(chat, bot);
    const { type, text, recipients, custom_id } = payload.event;
    const author = { authorId: bot.id, authorName: bot.settings.name };
    const custom = custom_id === undefined ? {} : { customId: custom_id };
    const { event, thread } = write(chat, { type, text, recipients, ...author, ...custom });
    return { status: 200, json: { thread_id: thread.id, event: wireEvent(event) } };
  }

  function openMembership(incoming: Incoming) {
    const access = authenticate(incoming, apiVersion, tokens);
    const { author_id, payload } = parseBody(incoming, membershipBody);
    const bot = requireBot(access.licenseId, author_id);
    // The scope `chats.conversation--all:write` covers joining and leaving as oneself, not for others.
    if (payload.agent_ids.some((id) => id !== bot.id)) {
      throw apiRefusal("authorization", "agent_ids may hold only the author");
    }
    return { bot, chat: requireChat(access.licenseId, payload.chat_id) };
  }

  function requireBot(licenseId: number, authorId: string): RegisteredBot {
    const bot = bots.find(licenseId, authorId);
    if (bot === undefined) throw apiRefusal("authorization", `author ${authorId} is no bot of this license`);
    if (!bots.isLoggedIn(bot)) throw apiRefusal("authorization", `bot ${authorId} is logged out`);
    return bot;
  }

  function requireChat(licenseId: number, chatId: string): Chat {
    const chat = chats.find(chatId);
    if (chat?.licenseId !== licenseId) throw apiRefusal("validation", `no chat ${chatId}`);
    return chat;
  }

  function write(chat: Chat, event: NewEvent) {
    const written = appendEvent(chat, event);
    void announce({ chat, ...written });
    return written;
  }

  return Router()
    .post("/agent/:version/action/join_chat", endpoint("join_chat", join))
    .post("/agent/:version/action/send_event", endpoint("send_event", send))
    .post("/agent/:version/action/remove_from_chat", endpoint("remove_from_chat", leave));
}

function requireMember(chat: Chat, bot: RegisteredBot): void {
  if (!chat.members.has(bot.id)) throw apiRefusal("validation", "the author is not in the chat");
}
