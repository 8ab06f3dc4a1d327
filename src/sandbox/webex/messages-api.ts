import { Router } from "express";
import { z } from "zod";
import type { Answer } from "../answer.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Incoming } from "../incoming.ts";
import type { Announce } from "./announce.ts";
import { parseBody, refusal } from "./errors.ts";
import { isVisibleTo, type Message, type MessageContent, type Messages } from "./messages.ts";
import { answerPage } from "./paging.ts";
import type { People, Person } from "./people.ts";
import type { Room, Rooms } from "./rooms.ts";

const maxTextBytes = 7439;
const content = z.string().refine((text) => Buffer.byteLength(text) <= maxTextBytes, {
  error: `Message length limited to ${maxTextBytes} bytes.`,
});
const newMessage = z
  .strictObject({
    roomId: z.string().optional(),
    toPersonId: z.string().optional(),
    toPersonEmail: z.string().optional(),
    parentId: z.string().exactOptional(),
    text: content.exactOptional(),
    markdown: content.exactOptional(),
    files: z.array(z.url()).length(1).exactOptional(),
    attachments: z
      .array(z.looseObject({ contentType: z.string() }))
      .length(1)
      .exactOptional(),
  })
  .refine(({ roomId, toPersonId, toPersonEmail }) => {
    return [roomId, toPersonId, toPersonEmail].filter((to) => to !== undefined).length === 1;
  }, "Exactly one of roomId, toPersonId and toPersonEmail is needed.")
  .refine(({ text = "", markdown = "", files, attachments }) => {
    return text !== "" || markdown !== "" || files !== undefined || attachments !== undefined;
  }, "A message needs text, markdown, a file or an attachment.");
type NewMessage = z.infer<typeof newMessage>;

/** Messages as the bot reads, writes and deletes them. */
export function createMessagesApi(context: {
  bot: Person;
  people: People;
  rooms: Rooms;
  messages: Messages;
  announce: Announce;
  endpoint: Endpoint;
}): Router {
  const { bot, people, rooms, messages, announce, endpoint } = context;

  function getMessage({ params }: Incoming): Answer {
    return { status: 200, json: requireReadable(params.id ?? "") };
  }

  function listMessages({ url }: Incoming): Answer {
    const room = requireRoom(url.searchParams.get("roomId"));
    const mentioned = url.searchParams.get("mentionedPeople");
    const isOwnMentions = mentioned === "me" || mentioned === bot.id;
    if ((room.type === "group" || mentioned !== null) && !isOwnMentions) {
      throw refusal(403, "A bot may list only the messages that mention it: mentionedPeople=me.");
    }
    const found = messages.inRoom(room.id).reverse();
    const asked = found.filter(
      ({ mentionedPeople = [] }) => mentioned === null || mentionedPeople.includes(bot.id),
    );
    return answerPage(asked, url, 100);
  }

  function postMessage(incoming: Incoming): Answer {
    const { roomId, toPersonId, toPersonEmail, ...written } = parseBody(incoming, newMessage);
    const room = destination({ roomId, toPersonId, toPersonEmail });
    if (written.parentId !== undefined && !messages.isRoot(written.parentId, room.id)) {
      throw refusal(400, "parentId must name a top-level message of the room.");
    }
    const message = messages.write(bot, room, withFallbackText(written));
    void announce("created", message, bot.id);
    return { status: 200, json: message };
  }

  function deleteMessage({ params }: Incoming): Answer {
    const message = requireReadable(params.id ?? "");
    if (message.personId !== bot.id) throw refusal(403, "A bot may delete only its own messages.");
    messages.remove(message.id);
    void announce("deleted", message, bot.id);
    return { status: 204 };
  }

  function requireReadable(id: string): Message {
    const message = messages.find(id);
    const isReadable = message !== undefined && (message.personId === bot.id || isVisibleTo(bot.id, message));
    if (!isReadable) throw refusal(404, "Unable to get message.");
    return message;
  }

  function requireRoom(id: string | null): Room {
    if (id === null) throw refusal(400, "roomId is needed.");
    const room = rooms.find(id);
    if (room === undefined) throw refusal(404, "Could not find a room with provided ID.");
    return room;
  }

  function destination({ roomId, toPersonId, toPersonEmail = "" }: NewMessage): Room {
    if (roomId !== undefined) return requireRoom(roomId);
    const person = toPersonId === undefined ? people.findByEmail(toPersonEmail) : people.find(toPersonId);
    if (person === undefined) throw refusal(404, "Could not find the person to write to.");
    if (person.id === bot.id) throw refusal(400, "One cannot write to oneself.");
    return rooms.directWith(person);
  }

  return Router()
    .get("/messages/:id", endpoint("GET /messages/:id", getMessage))
    .get("/messages", endpoint("GET /messages", listMessages))
    .post("/messages", endpoint("POST /messages", postMessage))
    .delete("/messages/:id", endpoint("DELETE /messages/:id", deleteMessage));
}

/** Where there is markdown only, it stands in for the text as well. */
function withFallbackText(written: MessageContent): MessageContent {
  return written.markdown === undefined ? written : { text: written.markdown, ...written };
}
