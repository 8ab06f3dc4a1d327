import type { Announce } from "./announce.ts";
import { type Mentioned, renderMentions } from "./mentions.ts";
import type { Message, Messages } from "./messages.ts";
import type { People, Person } from "./people.ts";
import type { Room, Rooms } from "./rooms.ts";

export type SaysOptions = {
  /** The top-level message this one answers in its thread. */
  parentId?: string;
  /** Without text and html, like a message that is only a file. */
  omitText?: boolean;
};

/** What people do: they come into rooms and talk. */
export function createHumans(context: {
  people: People;
  rooms: Rooms;
  messages: Messages;
  announce: Announce;
}) {
  const { people, rooms, messages, announce } = context;

  function requireRoom(roomId: string): Room {
    const room = rooms.find(roomId);
    if (room === undefined) throw new Error(`no room ${roomId}`);
    return room;
  }

  function membersOf(roomId: string): Person[] {
    return rooms.memberships(roomId).flatMap(({ personId }) => people.find(personId) ?? []);
  }

  return {
    addPerson: people.add,
    addRoom(options: { title: string; type?: Room["type"]; members: string[] }): Room {
      const members = options.members.map((email) => people.add(email));
      return rooms.add(options.title, options.type ?? "group", members);
    },
    async says(email: string, roomId: string, text: string, options: SaysOptions = {}): Promise<Message> {
      const room = requireRoom(roomId);
      const members = membersOf(roomId);
      const author = members.find(({ emails }) => emails[0].toLowerCase() === email.toLowerCase());
      if (author === undefined) throw new Error(`${email} is not in the room`);
      const { parentId, omitText = false } = options;
      const isReply = parentId !== undefined;
      if (isReply && !messages.isRoot(parentId, roomId))
        throw new Error("parentId must be a top-level message");
      const rendered = renderMentions(text, members);
      const content = omitText ? withoutText(rendered) : rendered;
      const message = messages.write(author, room, { ...content, ...(isReply && { parentId }) });
      await announce("created", message, author.id);
      return message;
    },
    deleteMessage(id: string) {
      const message = messages.find(id);
      if (message === undefined) throw new Error(`no message ${id}`);
      messages.remove(id);
      void announce("deleted", message, message.personId);
    },
    messages: (roomId: string): Message[] => messages.inRoom(requireRoom(roomId).id),
    transcript: (roomId: string): { author: string; text: string }[] =>
      messages.inRoom(requireRoom(roomId).id).map(({ personId, text = "" }) => {
        return { author: people.find(personId)?.displayName ?? personId, text };
      }),
  };
}

function withoutText({ mentionedPeople }: Mentioned): Partial<Mentioned> {
  return mentionedPeople === undefined ? {} : { mentionedPeople };
}
