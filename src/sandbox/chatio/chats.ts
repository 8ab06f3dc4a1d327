import { randomUUID } from "node:crypto";

export type Recipients = "all" | "agents";

/** An event as it stands in a chat. `authorName` is for transcripts; the wire knows only `authorId`. */
export type ChatEvent = {
  id: string;
  order: number;
  type: "message" | "system_message";
  authorId?: string;
  authorName: string;
  /** Seconds since the epoch. */
  timestamp: number;
  text: string;
  recipients: Recipients;
  customId?: string;
};

export type Thread = { id: string; order: number; timestamp: number; active: boolean; events: ChatEvent[] };

export type Chat = {
  id: string;
  licenseId: number;
  customerId: string;
  /** Ids of the agents and bots in the chat. */
  members: Set<string>;
  threads: Thread[];
};

/** One line of a transcript. */
export type Line = {
  type: string;
  /** "customer", "agent", "system", or the name of a bot. */
  author: string;
  text: string;
  recipients: Recipients;
};

export type NewEvent = Pick<ChatEvent, "type" | "authorName" | "text"> &
  Partial<Pick<ChatEvent, "authorId" | "recipients" | "customId">>;

export type Chats = {
  open(licenseId: number): Chat;
  find(chatId: string): Chat | undefined;
  /** Removes a member from all chats, without a word. */
  forget(memberId: string): void;
};

export function createChats(): Chats {
  const chats = new Map<string, Chat>();
  return {
    open(licenseId) {
      const chat = {
        id: randomUUID(),
        licenseId,
        customerId: randomUUID(),
        members: new Set<string>(),
        threads: [],
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

/** Writes an event into a chat. A message that finds no active thread opens one. */
export function appendEvent(
  chat: Chat,
  event: NewEvent,
): { event: ChatEvent; thread: Thread; opensThread: boolean } {
  const timestamp = Math.floor(Date.now() / 1000);
  const order = countEvents(chat) + 1;
  const last = chat.threads.at(-1);
  const opensThread = last === undefined || (!last.active && event.type === "message");
  const thread = opensThread ? openThread(chat, timestamp) : last;
  const written = { id: randomUUID(), order, timestamp, recipients: "all" as const, ...event };
  thread.events.push(written);
  return { event: written, thread, opensThread };
}

/** What a person would read in the chat, oldest first. */
export function transcribe(chat: Chat): Line[] {
  return chat.threads
    .flatMap((thread) => thread.events)
    .map(({ type, authorName, text, recipients }) => ({ type, author: authorName, text, recipients }));
}

function openThread(chat: Chat, timestamp: number): Thread {
  const thread = { id: randomUUID(), order: chat.threads.length + 1, timestamp, active: true, events: [] };
  chat.threads.push(thread);
  return thread;
}

function countEvents(chat: Chat): number {
  return chat.threads.reduce((count, thread) => count + thread.events.length, 0);
}
