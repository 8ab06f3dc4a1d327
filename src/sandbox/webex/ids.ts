import { randomUUID } from "node:crypto";

export type IdKind =
  | "APPLICATION"
  | "MEMBERSHIP"
  | "MESSAGE"
  | "ORGANIZATION"
  | "PEOPLE"
  | "ROOM"
  | "WEBHOOK";

/** A new id in the public form: unpadded base64 of `ciscospark://us/<kind>/<uuid>`. */
export function createId(kind: IdKind): string {
  return Buffer.from(`ciscospark://us/${kind}/${randomUUID()}`).toString("base64").replace(/=+$/, "");
}
