import type { WebexMessage, WebexPerson } from "./client.ts";
import { isSamePerson } from "./mention.ts";

/** Bots' addresses are given out by Webex, in these domains only (the second is the older one). */
const BOT_DOMAINS = ["webex.bot", "sparkbot.io"];

/** Never answer yourself: in 1:1 rooms the bot's own messages come back as webhooks. */
export function isOwn({ personId, personEmail }: WebexMessage, me: WebexPerson): boolean {
  return (
    isSamePerson(personId, me.id) || me.emails.some((own) => own.toLowerCase() === personEmail.toLowerCase())
  );
}

/** Two bots could keep each other talking for ever. */
export function isFromBot({ personEmail }: WebexMessage): boolean {
  return BOT_DOMAINS.includes(domainOf(personEmail));
}

/** Whether the address stands in the list of lower-case e-mails and `@domains`, exactly; null lets anyone in. */
export function isAllowed({ personEmail }: WebexMessage, allowed: readonly string[] | null): boolean {
  if (allowed === null) return true;
  return allowed.includes(personEmail.toLowerCase()) || allowed.includes(`@${domainOf(personEmail)}`);
}

function domainOf(email: string): string {
  const at = email.lastIndexOf("@");
  return at === -1 ? "" : email.slice(at + 1).toLowerCase();
}
