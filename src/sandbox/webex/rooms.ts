import { createPerson, hasEmail, type Person } from "./person.ts";
import { createId } from "./wire.ts";

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
