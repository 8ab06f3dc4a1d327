import { createId } from "./ids.ts";
import type { Person } from "./people.ts";

export type Room = {
  id: string;
  title: string;
  type: "group" | "direct";
  isLocked: boolean;
  created: string;
  lastActivity: string;
  creatorId: string;
};

export type Membership = {
  id: string;
  roomId: string;
  roomType: Room["type"];
  personId: string;
  personEmail: string;
  personDisplayName: string;
  personOrgId: string;
  isModerator: boolean;
  created: string;
};

export type Rooms = {
  add(title: string, type: Room["type"], members: Person[]): Room;
  find(id: string): Room | undefined;
  /** The direct room of the bot and this person; opened when there is none yet. */
  directWith(person: Person): Room;
  memberships(roomId: string): Membership[];
  allMemberships(): Membership[];
  hasMember(roomId: string, personId: string): boolean;
};

/** Rooms, all of which the bot is in: others are beyond its sight anyway. */
export function createRooms(bot: Person, onChange: () => void): Rooms {
  const rooms = new Map<string, Room>();
  const memberships: Membership[] = [];

  const store: Rooms = {
    add(title, type, members) {
      const now = new Date().toISOString();
      const room = { title, type, isLocked: false, created: now, lastActivity: now, creatorId: bot.id };
      const added = { id: createId("ROOM"), ...room };
      rooms.set(added.id, added);
      for (const person of new Set([bot, ...members])) memberships.push(membershipOf(person, added));
      onChange();
      return added;
    },
    find: (id) => rooms.get(id),
    directWith(person) {
      const isTheirs = ({ id, type }: Room) => type === "direct" && store.hasMember(id, person.id);
      return [...rooms.values()].find(isTheirs) ?? store.add(person.displayName, "direct", [person]);
    },
    memberships: (roomId) => memberships.filter((membership) => membership.roomId === roomId),
    allMemberships: () => memberships,
    hasMember: (roomId, personId) =>
      memberships.some((membership) => membership.roomId === roomId && membership.personId === personId),
  };
  return store;
}

function membershipOf(person: Person, room: Room): Membership {
  return {
    id: createId("MEMBERSHIP"),
    roomId: room.id,
    roomType: room.type,
    personId: person.id,
    personEmail: person.emails[0],
    personDisplayName: person.displayName,
    personOrgId: person.orgId,
    isModerator: false,
    created: room.created,
  };
}
