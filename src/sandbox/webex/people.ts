import { createId } from "./ids.ts";

export type Person = {
  id: string;
  emails: [string];
  displayName: string;
  orgId: string;
  created: string;
  type: "person" | "bot";
};

export type People = {
  /** Adds a person, or finds the one who has this e-mail address already. */
  add(email: string, options?: { displayName?: string; type?: "person" | "bot" }): Person;
  find(id: string): Person | undefined;
  findByEmail(email: string): Person | undefined;
};

export function createPeople(): People {
  const people = new Map<string, Person>();
  const orgId = createId("ORGANIZATION");

  const directory: People = {
    add(email, { displayName = email.split("@")[0] ?? email, type = "person" } = {}) {
      const known = directory.findByEmail(email);
      if (known !== undefined) return known;
      const created = new Date().toISOString();
      const person: Person = { id: createId("PEOPLE"), emails: [email], displayName, orgId, created, type };
      people.set(person.id, person);
      return person;
    },
    find: (id) => people.get(id),
    findByEmail(email) {
      return [...people.values()].find(({ emails }) => emails[0].toLowerCase() === email.toLowerCase());
    },
  };
  return directory;
}
