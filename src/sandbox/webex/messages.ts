import { createId } from "./ids.ts";
import type { Person } from "./people.ts";
import type { Room } from "./rooms.ts";

export type Message = {
  id: string;
  roomId: string;
  roomType: Room["type"];
  parentId?: string;
  text?: string;
  html?: string;
  markdown?: string;
  files?: string[];
  attachments?: unknown[];
  personId: string;
  personEmail: string;
  mentionedPeople?: string[];
  created: string;
};

export type MessageContent = Pick<
  Message,
  "parentId" | "text" | "html" | "markdown" | "files" | "attachments" | "mentionedPeople"
>;

export type Messages = {
  write(author: Person, room: Room, content: MessageContent): Message;
  find(id: string): Message | undefined;
  /** Oldest first. */
  inRoom(roomId: string): Message[];
  remove(id: string): void;
  /** Whether a reply may name it as its parent: a top-level message of that room. */
  isRoot(id: string, roomId: string): boolean;
};

export function createMessages(): Messages {
  const messages = new Map<string, Message>();
  return {
    write(author, room, content) {
      const created = new Date().toISOString();
      const place = { id: createId("MESSAGE"), roomId: room.id, roomType: room.type };
      const message = { ...place, ...content, personId: author.id, personEmail: author.emails[0], created };
      messages.set(message.id, message);
      room.lastActivity = created;
      return message;
    },
    find: (id) => messages.get(id),
    inRoom: (roomId) => [...messages.values()].filter((message) => message.roomId === roomId),
    remove: (id) => void messages.delete(id),
    isRoot(id, roomId) {
      const message = messages.get(id);
      return message?.roomId === roomId && message.parentId === undefined;
    },
  };
}

/** Whether a bot may see a message: all of a direct room, of a group room those that mention it. */
export function isVisibleTo(botId: string, message: Message): boolean {
  return message.roomType === "direct" || (message.mentionedPeople?.includes(botId) ?? false);
}
