import type { Line } from "../../sandbox/chat-people.ts";
import type { RoomLine } from "../../sandbox/webex/people.ts";
import { verdictOf } from "./inside.ts";
import { overallState, type RoomName, type View } from "./view.ts";

export const NOBODY_LISTENS = "No bot is listening yet: do step 1.";
export const MENTIONS_ONLY =
  "Webex delivers mentions only, so globobot does not know of this. Begin with @globobot.";

/** Says why what was last written there has not arrived; null: it has, or is about to. */
export function undeliveredNote(view: View, place: "chat" | RoomName): string | null {
  if (!view.undelivered[place]) return null;
  const again = `${place === "chat" ? view.platform.title : "Webex"} delivers this again.`;
  if (overallState(view.servers) !== "running") return `The server is down. ${again}`;
  return view.troubles.has("networkCut") ? `The network is cut. ${again}` : null;
}

/** Says that the Pizza BOT has nothing to say to the last line, which the server has told; null: it may have. */
export function noRuleNote({ chat, exchanges, platform }: View): string | null {
  const last = chat.at(-1);
  if (last === undefined || !isOfAPerson(last)) return null;
  const webhook = exchanges.find(
    ({ kind, platform: title, request }) =>
      kind === "webhook" && title === platform.title && isIn(request, last.text),
  );
  if (webhook === undefined || verdictOf(webhook) !== "ignored") return null;
  return "No rule of the Pizza BOT matches this, so it says nothing.";
}

function isOfAPerson({ author }: Line): boolean {
  return author === "customer" || author === "agent";
}

function isIn(body: unknown, text: string): boolean {
  return JSON.stringify(body ?? null).includes(JSON.stringify(text));
}

/** The text of a group's line as it was typed: Webex itself leaves out the @ of a mention. */
export function asTyped({ text, isToldToBot }: RoomLine): string {
  return isToldToBot ? text.replace(/(?<![@\w])globobot\b/, "@globobot") : text;
}
