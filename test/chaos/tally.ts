import type { WebexSandbox } from "../../src/sandbox/webex/index.ts";
import type { Chats } from "./chats.ts";
import type { Written } from "./load.ts";

export type Tally = {
  /** Messages whose delivery was answered 200. */
  accepted: number;
  /** Of these, without a reply. */
  lost: number;
  /** Replies beyond one for each message. */
  repeated: number;
  /** Chats in which the bot has stayed. */
  stayed: number;
};

/** Counts by what people see in chats and rooms, not by what the server says of itself. */
export function tallyOf(written: Written, chats: Chats, webex: WebexSandbox): Tally {
  const tally: Tally = { accepted: 0, lost: 0, repeated: 0, stayed: 0 };
  const acceptedEvents = new Set(chats.deliveries.filter(isAccepted).map(({ eventId }) => eventId));
  const acceptedMessages = new Set(webex.deliveries.filter(isAccepted).map(({ messageId }) => messageId));

  for (const [chatId, events] of written.pizzas) {
    const said = chats.transcript(chatId).filter(({ author }) => author === "Pizza BOT").length;
    add(tally, events.filter((id) => acceptedEvents.has(id)).length, events.length, said);
    if (chats.hasBot(chatId)) tally.stayed += 1;
  }
  for (const [messageId, { roomId, answer }] of written.questions) {
    const said = webex.transcript(roomId).filter(({ text }) => text.startsWith(answer)).length;
    add(tally, acceptedMessages.has(messageId) ? 1 : 0, 1, said);
  }
  return tally;
}

/** A delivery that was kept, but killed before its answer, may be replied to as well. */
function add(tally: Tally, accepted: number, written: number, said: number): void {
  tally.accepted += accepted;
  tally.lost += Math.max(accepted - said, 0);
  tally.repeated += Math.max(said - written, 0);
}

function isAccepted({ status }: { status: number | null }): boolean {
  return status === 200;
}
