import { lowerCaseAscii } from "../../letter-case.ts";
import type { WebexMessage, WebexPerson } from "./client.ts";
import { isSamePerson } from "./mention.ts";

/** Webex assigns bots addresses in these domains only (the second is older). */
const BOT_DOMAINS = ["webex.bot", "sparkbot.io"];

/** Never answer yourself: in 1:1 rooms, the bot's own messages come back as webhooks. */
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
 * Whether the list of e-mail addresses and `@domains`, in lower case, has the sender's exact address or domain, ignoring the
 * case of A to Z. null allows anyone.
 */
export function isAllowed({ personEmail }: WebexMessage, allowed: readonly string[] | null): boolean {
  if (allowed === null) return true;
  return allowed.includes(lowerCaseAscii(personEmail)) || allowed.includes(`@${domainOf(personEmail)}`);
}

function domainOf(email: string): string {
  const at = email.lastIndexOf("@");
  return at === -1 ? "" : lowerCaseAscii(email.slice(at + 1));
}
