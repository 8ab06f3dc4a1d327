import { PlatformError } from "../../src/errors.ts";
import type { WebexMessage, WebexPerson } from "../../src/platforms/webex/client.ts";

/** The id by which Webex's API names a person, as it is made of the bare one. */
export function personIdOf(uuid: string, cluster = "us"): string {
  return Buffer.from(`ciscospark://${cluster}/PEOPLE/${uuid}`).toString("base64").replace(/=+$/, "");
}

export const BOT_UUID = "0b0b0b0b-1111-4222-8333-444455556666";
export const ANA_UUID = "a0a0a0a0-1111-4222-8333-444455556666";

export const globobot: WebexPerson = {
  id: personIdOf(BOT_UUID),
  emails: ["globobot@webex.bot"],
  displayName: "globobot",
  type: "bot",
};

/** A mention of the bot as a client writes it. */
export const MENTION = `<spark-mention data-object-type="person" data-object-id="${globobot.id}">globobot</spark-mention>`;

/** Ana's question in a group room, as Webex hands it out. */
export function aMessage(overrides: Partial<WebexMessage> = {}): WebexMessage {
  return {
    id: "MSG1",
    roomId: "ROOM1",
    text: "globobot acct100",
    html: `${MENTION} acct100`,
    personId: personIdOf(ANA_UUID),
    personEmail: "ana@example.com",
    mentionedPeople: [globobot.id],
    ...overrides,
  };
}

/** The body of a refusal in Webex's own format. */
export const REFUSAL = {
  message: "words",
  errors: [{ description: "words" }],
  trackingId: "ROUTER_00000000-AAAA-0000-BBBB-000000000000",
};

/** A refusal with nothing but a status. */
export function answeredWith(status: number): PlatformError {
  const retryable = status === 423 || status === 429 || status >= 500;
  return new PlatformError(`Webex answered with ${status}.`, { status, retryable });
}
