import { randomUUID } from "node:crypto";
import { Router } from "express";
import { z } from "zod";
import type { Line, Recipients } from "../chat-people.ts";
import type { Answer, Endpoint, Incoming } from "../endpoint.ts";
import type { BotAgents, RegisteredBot } from "./bot-agents.ts";
import { type Announce, wireEvent } from "./deliveries.ts";
import type { TokenBook } from "./tokens.ts";
import { apiRefusal, authenticate, parseBody } from "./wire.ts";

/** An event in a chat. `authorName` is for transcripts; the wire knows only `authorId`. */
export type ChatEvent = {
  id: string;
  order: number;
  type: "message" | "system_message";
  authorId?: string;
  authorName: string;
  /** Seconds since 1970. */
  timestamp: number;
  text: string;
  recipients: Recipients;
};

/** A chat with its one thread. */
export type Chat = {
  id: string;
  licenseId: number;
  customerId: string;
  threadId: string;
  /** Ids of the agents and bots in the chat. */
  members: Set<string>;
  events: ChatEvent[];
};

export type NewEvent = Pick<ChatEvent, "type" | "authorName" | "text"> &
  Partial<Pick<ChatEvent, "authorId" | "recipients">>;

export type Chats = {
  open(licenseId: number): Chat;
  find(chatId: string): Chat | undefined;
  /** Removes a member from all chats without a system message. */
  forget(memberId: string): void;
};

export function createChats(): Chats {
  const chats = new Map<string, Chat>();
  return {
    open(licenseId) {
      const ids = { id: randomUUID(), licenseId, customerId: randomUUID(), threadId: randomUUID() };
      const chat = { ...ids, members: new Set<string>(), events: [] };
      chats.set(chat.id, chat);
      return chat;
    },
    find: (chatId) => chats.get(chatId),
    forget(memberId) {
      for (const chat of chats.values()) chat.members.delete(memberId);
    },
  };
}

/** Writes an event into a chat. */
export function appendEvent(chat: Chat, event: NewEvent): ChatEvent {
  const timestamp = Math.floor(Date.now() / 1000);
  const order = chat.events.length + 1;
  const written = { id: randomUUID(), order, timestamp, recipients: "all" as const, ...event };
  chat.events.push(written);
  return written;
}

/** What a person would read in the chat, oldest first. */
export function transcribe(chat: Chat): Line[] {
  return chat.events.map(({ type, authorName, text, recipients }) => {
    return { type, author: authorName, text, recipients };
  });
}

const membership = z.strictObject({ chat_id: z.string(), agent_ids: z.array(z.string()).min(1) });
const message = z.strictObject({
  type: z.literal("message"),
  text: z.string().min(1),
  recipients: z.enum(["all", "agents"]).default("all"),
});
const membershipBody = z.strictObject({ author_id: z.string(), payload: membership });
const sendBody = z.strictObject({
  author_id: z.string(),
  payload: z.strictObject({ chat_id: z.string(), event: message }),
});

/** The agent API, by which bots join chats, write, and leave. */
export function createAgentApi(context: {
  tokens: TokenBook;
  bots: BotAgents;
  chats: Chats;
  announce: Announce;
  endpoint: Endpoint;
}): Router {
  const { tokens, bots, chats, announce, endpoint } = context;

  function join(incoming: Incoming): Answer {
    const { bot, chat } = readMembershipCall(incoming);
    if (chat.members.has(bot.id)) throw apiRefusal("validation", "already in the chat");
    chat.members.add(bot.id);
    writeAsSystem(chat, `${bot.settings.name} joined the chat`);
    return { status: 200 };
  }

  function leave(incoming: Incoming): Answer {
    const { bot, chat } = readMembershipCall(incoming);
    requireMember(chat, bot);
    chat.members.delete(bot.id);
    writeAsSystem(chat, `${bot.settings.name} left the chat`);
    return { status: 200 };
  }

  function send(incoming: Incoming): Answer {
    const access = authenticate(incoming, tokens);
    const { author_id, payload } = parseBody(incoming, sendBody);
    const bot = requireBot(access.licenseId, author_id);
    const chat = requireChat(access.licenseId, payload.chat_id);
    requireMember(chat, bot);
    const author = { authorId: bot.id, authorName: bot.settings.name };
    const event = write(chat, { ...payload.event, ...author });
    return { status: 200, json: { thread_id: chat.threadId, event: wireEvent(event) } };
  }

  function readMembershipCall(incoming: Incoming) {
    const access = authenticate(incoming, tokens);
    const { author_id, payload } = parseBody(incoming, membershipBody);
    const bot = requireBot(access.licenseId, author_id);
    // The scope chats.conversation--all:write covers the author only: nobody else can be added or removed.
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

  function writeAsSystem(chat: Chat, text: string) {
    write(chat, { type: "system_message", authorName: "system", text });
  }

  function write(chat: Chat, event: NewEvent): ChatEvent {
    const written = appendEvent(chat, event);
    void announce(chat, written);
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
