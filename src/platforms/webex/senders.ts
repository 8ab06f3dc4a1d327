import { lowerCaseAscii } from "../../letter-case.ts";
import type { WebexMessage, WebexPerson } from "./client.ts";
import { isSamePerson } from "./mention.ts";

/** Bots' addresses are given out by Webex, in these domains only (the second is the older one). */
const BOT_DOMAINS = ["webex.bot", "sparkbot.io"];

/** Never answer yourself: in 1:1 rooms the bot's own messages come back as webhooks. */
export function isOwn({ personId, personEmail }: WebexMessage, me: WebexPerson): boolean {
  if (isSamePerson(personId, me.id)) return true;
  const email = lowerCaseAscii(personEmail);
  return me.emails.some((own) => lowerCaseAscii(own) === email);
}

/** Two bots could keep each other talking for ever. */
export function isFromBot({ personEmail }: WebexMessage): boolean {
  return BOT_DOMAINS.includes(domainOf(personEmail));
}

/**
 * Whether the address stands in the list of e-mails and `@domains`, exactly but for the case of A to Z, which are in
 * lower case in the list; null lets anyone in.
 */
export function isAllowed({ personEmail }: WebexMessage, allowed: readonly string[] | null): boolean {
  if (allowed === null) return true;
  return allowed.includes(lowerCaseAscii(personEmail)) || allowed.includes(`@${domainOf(personEmail)}`);
}

function domainOf(email: string): string {
  const at = email.lastIndexOf("@");
  return at === -1 ? "" : lowerCaseAscii(email.slice(at + 1));
}
