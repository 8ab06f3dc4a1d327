import type { Announce } from "./deliveries.ts";
import { isVisibleTo, type Message, type MessageContent, type Messages } from "./messages.ts";
import { hasEmail, type Person } from "./person.ts";
import type { Room, Rooms } from "./rooms.ts";

export type SaysOptions = {
  /** The top-level message that this one answers in its thread. */
  parentId?: string;
  /** Without text and html, like a message that is only a file. */
  omitText?: boolean;
};

/** What people do in rooms, and what they see there. */
export function createPeople(context: { bot: Person; rooms: Rooms; messages: Messages; announce: Announce }) {
  const { bot, rooms, messages, announce } = context;

  function requireRoom(roomId: string): Room {
    const room = rooms.find(roomId);
    if (room === undefined) throw new Error(`no room ${roomId}`);
    return room;
  }

  return {
    addRoom: (options: { title: string; type?: Room["type"]; members: string[] }): Room =>
      rooms.add(options.title, options.type ?? "group", options.members),
    async says(email: string, roomId: string, text: string, options: SaysOptions = {}): Promise<Message> {
      const room = requireRoom(roomId);
      const author = room.members.find((member) => hasEmail(member, email));
      if (author === undefined) throw new Error(`${email} is not in the room`);
      const { parentId, omitText = false } = options;
      const isReply = parentId !== undefined;
      if (isReply && !messages.isRoot(parentId, roomId))
        throw new Error("parentId must be a top-level message");
      const content = omitText ? {} : renderMentions(text, room.members);
      const message = messages.write(author, room, { ...content, ...(isReply && { parentId }) });
      await announce(message);
      return message;
    },
    deleteMessage(id: string) {
      if (messages.find(id) === undefined) throw new Error(`no message ${id}`);
      messages.remove(id);
    },
    messages: (roomId: string): Message[] => messages.inRoom(requireRoom(roomId).id),
    transcript: (roomId: string): RoomLine[] => {
      const { id, members } = requireRoom(roomId);
      return messages.inRoom(id).map((message) => ({
        author: members.find((member) => member.id === message.personId)?.displayName ?? message.personId,
        text: message.text ?? "",
        isToldToBot: message.personId !== bot.id && isVisibleTo(bot.id, message),
      }));
    },
  };
}

/** What people see of a message, and whether the bot is told of it. */
export type RoomLine = { author: string; text: string; isToldToBot: boolean };

/** What a client makes of "@name" for someone in the room: a mention node in the html, the bare name in the text. */
function renderMentions(written: string, people: Person[]): MessageContent {
  const byName = new Map(people.map((person) => [person.displayName, person]));
  const longestFirst = [...byName.keys()].sort((a, b) => b.length - a.length).map(escapePattern);
  // The parentheses keep the names among the parts: text, name, text, name, …
  const parts = written.split(new RegExp(`@(${longestFirst.join("|")})(?!\\w)`));
  const mentioned = parts.flatMap((part, index) => (index % 2 === 1 ? (byName.get(part) ?? []) : []));
  if (mentioned.length === 0) return { text: written };

  const html = parts.map((part, index) =>
    index % 2 === 1 ? mentionNode(part, byName.get(part)) : escapeHtml(part),
  );
  return {
    text: parts.join(""),
    html: html.join(""),
    mentionedPeople: [...new Set(mentioned.map(({ id }) => id))],
  };
}

function mentionNode(name: string, person: Person | undefined): string {
  const attributes = `data-object-type="person" data-object-id="${person?.id ?? ""}"`;
  return `<spark-mention ${attributes}>${escapeHtml(name)}</spark-mention>`;
}

function escapePattern(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
