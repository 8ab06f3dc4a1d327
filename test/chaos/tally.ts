import type { WebexSandbox } from "../../src/sandbox/webex/index.ts";
import type { Chats } from "./chats.ts";
import type { Asked, Written } from "./load.ts";

export type Tally = {
  /** Messages whose delivery was answered 200. */
  accepted: number;
  /** Of these, without a reply: their ids. */
  lost: string[];
  /** Replies beyond one for each message. */
  repeated: number;
  /** Messages with more replies than one and one for each time that they were in hand when something was done to their server. */
  unexplained: string[];
  /** Of the accepted messages, those whose first reply came before that of one accepted earlier in their chat or room. */
  disordered: string[];
  /** Chats in which the bot has stayed. */
  stayed: number;
};

/** The same as numbers. */
export type TallyCounts = { [Name in keyof Tally]: number };

export function countsOf(tally: Tally): TallyCounts {
  const { lost, unexplained, disordered } = tally;
  return { ...tally, lost: lost.length, unexplained: unexplained.length, disordered: disordered.length };
}

/** How often a reply to the message with this id may be repeated. */
export type Excuse = (id: string) => number;

/** Counts by what people see in chats and rooms, not by what the server says of itself. */
export function tallyOf(written: Written, chats: Chats, webex: WebexSandbox, excuse: Excuse): Tally {
  const tally: Tally = { accepted: 0, lost: [], repeated: 0, unexplained: [], disordered: [], stayed: 0 };
  const accepted = new Set([
    ...chats.deliveries.filter(isAccepted).map(({ eventId }) => eventId),
    ...webex.deliveries.filter(isAccepted).map(({ messageId }) => messageId),
  ]);
  for (const [chatId, asked] of written.chats) {
    const said = chats.transcript(chatId).filter(({ author }) => author === "Pizza BOT");
    add(tally, asked, textsOf(said), accepted, excuse);
    if (chats.hasBot(chatId)) tally.stayed += 1;
  }
  for (const [roomId, asked] of written.rooms)
    add(tally, asked, textsOf(webex.transcript(roomId)), accepted, excuse);
  return tally;
}

function add(
  tally: Tally,
  asked: readonly Asked[],
  said: readonly string[],
  accepted: ReadonlySet<string>,
  excuse: Excuse,
): void {
  let last = -1;
  for (const { id, reply } of asked) {
    const places = said.flatMap((text, place) => (text.startsWith(reply) ? [place] : []));
    const repeated = Math.max(places.length - 1, 0);
    tally.repeated += repeated;
    if (repeated > excuse(id)) tally.unexplained.push(id);
    // A delivery that was kept, but killed before its answer, may be replied to at any time.
    if (!accepted.has(id)) continue;
    tally.accepted += 1;
    const [first] = places;
    if (first === undefined) tally.lost.push(id);
    else if (first < last) tally.disordered.push(id);
    else last = first;
  }
}

function textsOf(lines: readonly { text: string }[]): string[] {
  return lines.map(({ text }) => text);
}

function isAccepted({ status }: { status: number | null }): boolean {
  return status === 200;
}
