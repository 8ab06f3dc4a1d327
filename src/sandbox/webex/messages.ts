import { Router } from "express";
import { z } from "zod";
import type { Answer, Endpoint, Incoming } from "../endpoint.ts";
import type { Announce } from "./deliveries.ts";
import type { Person } from "./person.ts";
import type { Room, Rooms } from "./rooms.ts";
import { createId, parseBody, refusal } from "./wire.ts";

export type Message = {
  id: string;
  roomId: string;
  roomType: Room["type"];
  parentId?: string;
  text?: string;
  html?: string;
  personId: string;
  personEmail: string;
  mentionedPeople?: string[];
  created: string;
};

export type MessageContent = Pick<Message, "parentId" | "text" | "html" | "mentionedPeople">;

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

/** Whether a bot may see a message: in a direct room any, in a group room those that mention it. */
export function isVisibleTo(botId: string, message: Message): boolean {
  return message.roomType === "direct" || (message.mentionedPeople?.includes(botId) ?? false);
}

const maxTextBytes = 7439;

const text = z
  .string()
  .min(1)
  .refine((written) => Buffer.byteLength(written) <= maxTextBytes, {
    error: `Message length limited to ${maxTextBytes} bytes.`,
  });
// The optional fields that our bot does not send (toPersonEmail, markdown, files) are left out, and so refused.
const newMessage = z.union([
  z.strictObject({ roomId: z.string(), parentId: z.string().exactOptional(), text }),
  z.strictObject({ toPersonId: z.string(), text }),
]);
type NewMessage = z.infer<typeof newMessage>;

/** The endpoints by which the bot reads and writes messages. */
export function createMessagesApi(context: {
  bot: Person;
  rooms: Rooms;
  messages: Messages;
  announce: Announce;
  endpoint: Endpoint;
}): Router {
  const { bot, rooms, messages, announce, endpoint } = context;

  function getMessage({ params }: Incoming): Answer {
    const message = messages.find(params.id ?? "");
    const isReadable = message !== undefined && (message.personId === bot.id || isVisibleTo(bot.id, message));
    if (!isReadable) throw refusal(404, "Unable to get message.");
    return { status: 200, json: message };
  }

  function postMessage(incoming: Incoming): Answer {
    const asked = parseBody(incoming, newMessage);
    const room = destinationOf(asked);
    const parentId = "parentId" in asked ? asked.parentId : undefined;
    if (parentId !== undefined && !messages.isRoot(parentId, room.id)) {
      throw refusal(400, "parentId must name a top-level message of the room.");
    }
    const message = messages.write(bot, room, {
      text: asked.text,
      ...(parentId !== undefined && { parentId }),
    });
    void announce(message);
    return { status: 200, json: message };
  }

  function destinationOf(asked: NewMessage): Room {
    if ("roomId" in asked) {
      const room = rooms.find(asked.roomId);
      if (room === undefined) throw refusal(404, "Could not find a room with provided ID.");
      return room;
    }
    if (asked.toPersonId === bot.id) throw refusal(400, "One cannot write to oneself.");
    const room = rooms.directWith(asked.toPersonId);
    if (room === undefined) throw refusal(404, "Could not find the person to write to.");
    return room;
  }

  return Router()
    .get("/messages/:id", endpoint("GET /messages/:id", getMessage))
    .post("/messages", endpoint("POST /messages", postMessage));
}
