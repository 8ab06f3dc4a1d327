import { randomUUID } from "node:crypto";
import type { Line, Recipients } from "../chat-people.ts";
import type { SourceType } from "./webhooks.ts";

/** An event in a chat. `authorName` is for transcripts; the wire knows only `authorId`. */
export type ChatEvent = {
  id: string;
  threadId: string;
  type: "message" | "system_message";
  authorId?: string;
  authorName: string;
  /** RFC 3339 with microseconds. */
  createdAt: string;
  text: string;
  recipients: Recipients;
  customId?: string | undefined;
  source: SourceType;
};

/** A chat with its current thread. When a customer writes after it was archived, the next thread begins. */
export type Chat = {
  id: string;
  organizationId: string;
  customerId: string;
  groupId: number;
  threadId: string;
  previousThreadId?: string;
  isActive: boolean;
  /** The visibility of each agent and bot in the chat, by id. */
  members: Map<string, Recipients>;
  /** Those of all threads. */
  events: ChatEvent[];
};

export type NewEvent = Omit<ChatEvent, "id" | "threadId" | "createdAt">;

export type Chats = {
  open(organizationId: string, groupId: number): Chat;
  find(chatId: string): Chat | undefined;
  /** Removes a member from all chats, silently. */
  forget(memberId: string): void;
};

export function createChats(): Chats {
  const chats = new Map<string, Chat>();
  return {
    open(organizationId, groupId) {
      const chat: Chat = {
        id: shortId(),
        organizationId,
        customerId: randomUUID(),
        groupId,
        threadId: shortId(),
        isActive: true,
        members: new Map(),
        events: [],
      };
      chats.set(chat.id, chat);
      return chat;
    },
    find: (chatId) => chats.get(chatId),
    forget(memberId) {
      for (const chat of chats.values()) chat.members.delete(memberId);
    },
  };
}

/** Writes an event into the chat. If it is not active, the next thread begins. */
export function appendEvent(chat: Chat, event: NewEvent): ChatEvent {
  if (!chat.isActive) {
    chat.previousThreadId = chat.threadId;
    chat.threadId = shortId();
    chat.isActive = true;
  }
  const { threadId } = chat;
  const id = `${threadId}_${threadEvents(chat).length + 1}`;
  const written = { id, threadId, createdAt: nextTimestamp(), ...event };
  chat.events.push(written);
  return written;
}

/** Ends the current thread. Nobody is in the chat any more. */
export function archive(chat: Chat): void {
  chat.isActive = false;
  chat.members.clear();
}

/** The events of the current thread. */
export function threadEvents({ events, threadId }: Chat): ChatEvent[] {
  return events.filter((event) => event.threadId === threadId);
}

/** What a person would read in the chat, oldest first. */
export function transcribe(chat: Chat): Line[] {
  return chat.events.map(({ type, authorName, text, recipients }) => {
    return { type, author: authorName, text, recipients };
  });
}

function shortId(): string {
  return randomUUID().replaceAll("-", "").slice(0, 10).toUpperCase();
}

let lastMicroseconds = 0;

/** Later than all before it, also within one millisecond. */
function nextTimestamp(): string {
  lastMicroseconds = Math.max(lastMicroseconds + 1, Date.now() * 1000);
  const milliseconds = new Date(Math.floor(lastMicroseconds / 1000)).toISOString().slice(0, -1);
  return `${milliseconds}${String(lastMicroseconds % 1000).padStart(3, "0")}Z`;
}
