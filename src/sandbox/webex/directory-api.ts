import { Router } from "express";
import type { Answer } from "../answer.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Incoming } from "../incoming.ts";
import { refusal } from "./errors.ts";
import { answerPage } from "./paging.ts";
import type { People, Person } from "./people.ts";
import type { Rooms } from "./rooms.ts";

/** People, rooms and who is in them. */
export function createDirectoryApi(context: {
  bot: Person;
  people: People;
  rooms: Rooms;
  endpoint: Endpoint;
}): Router {
  const { bot, people, rooms, endpoint } = context;

  function getPerson({ params }: Incoming): Answer {
    const person = people.find(params.id ?? "");
    if (person === undefined) throw refusal(404, "Could not find a person with provided ID.");
    return { status: 200, json: person };
  }

  function listPeople({ url }: Incoming): Answer {
    const email = url.searchParams.get("email");
    if (email === null) throw refusal(400, "Email, displayName or id list should be specified.");
    const person = people.findByEmail(email);
    return { status: 200, json: { notFoundIds: null, items: person === undefined ? [] : [person] } };
  }

  function getRoom({ params }: Incoming): Answer {
    return { status: 200, json: requireRoom(params.id ?? "") };
  }

  function listMemberships({ url }: Incoming): Answer {
    const roomId = url.searchParams.get("roomId");
    const email = url.searchParams.get("personEmail")?.toLowerCase();
    if (email !== undefined && roomId === null) throw refusal(400, "personEmail needs a roomId.");
    const found =
      roomId === null
        ? rooms.allMemberships().filter(({ personId }) => personId === bot.id)
        : rooms.memberships(requireRoom(roomId).id);
    const isAsked = (personEmail: string) => email === undefined || personEmail.toLowerCase() === email;
    const items = found.filter(({ personEmail }) => isAsked(personEmail));
    return answerPage(items, url, 100);
  }

  function requireRoom(id: string) {
    const room = rooms.find(id);
    if (room === undefined) throw refusal(404, "Could not find a room with provided ID.");
    return room;
  }

  return Router()
    .get(
      "/people/me",
      endpoint("GET /people/me", () => ({ status: 200, json: bot })),
    )
    .get("/people/:id", endpoint("GET /people/:id", getPerson))
    .get("/people", endpoint("GET /people", listPeople))
    .get("/rooms/:id", endpoint("GET /rooms/:id", getRoom))
    .get("/memberships", endpoint("GET /memberships", listMemberships));
}
