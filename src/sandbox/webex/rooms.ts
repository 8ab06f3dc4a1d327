import { createId } from "./wire.ts";

export type Person = {
  id: string;
  emails: [string];
  displayName: string;
  orgId: string;
  created: string;
  type: "person" | "bot";
};

export type Room = { id: string; title: string; type: "group" | "direct"; members: Person[] };

export type Rooms = {
  /** Opens a room for the bot and the people with these e-mail addresses, known or new. */
  add(title: string, type: Room["type"], emails: string[]): Room;
  find(id: string): Room | undefined;
  /** The direct room of the bot and this person, opened if there is none; undefined for an unknown person. */
  directWith(personId: string): Room | undefined;
};

/** The rooms that the bot is in; it would not see others anyway. */
export function createRooms(bot: Person, onChange: () => void): Rooms {
  const rooms = new Map<string, Room>();
  const people: Person[] = [bot];

  function person(email: string): Person {
    const known = people.find((one) => hasEmail(one, email));
    if (known !== undefined) return known;
    const added = createPerson(email, "person", bot.orgId);
    people.push(added);
    return added;
  }

  function open(title: string, type: Room["type"], members: Person[]): Room {
    const room = { id: createId("ROOM"), title, type, members: [...new Set([bot, ...members])] };
    rooms.set(room.id, room);
    onChange();
    return room;
  }

  return {
    add: (title, type, emails) => open(title, type, emails.map(person)),
    find: (id) => rooms.get(id),
    directWith(personId) {
      const partner = people.find(({ id }) => id === personId);
      if (partner === undefined) return undefined;
      const isTheirs = ({ type, members }: Room) => type === "direct" && members.includes(partner);
      return [...rooms.values()].find(isTheirs) ?? open(partner.displayName, "direct", [partner]);
    },
  };
}

/** A person named after the first part of the e-mail address. */
export function createPerson(email: string, type: Person["type"], orgId = createId("ORGANIZATION")): Person {
  const displayName = email.split("@")[0] ?? email;
  return {
    id: createId("PEOPLE"),
    emails: [email],
    displayName,
    orgId,
    created: new Date().toISOString(),
    type,
  };
}

export function hasEmail({ emails }: Person, email: string): boolean {
  return emails[0].toLowerCase() === email.toLowerCase();
}
