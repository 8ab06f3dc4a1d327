import { createId } from "./wire.ts";

export type Person = {
  id: string;
  emails: [string];
  displayName: string;
  orgId: string;
  created: string;
  type: "person" | "bot";
};

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
