import { setTimeout as sleep } from "node:timers/promises";
import type { WebexSandbox } from "../../src/sandbox/webex/index.ts";
import type { Chats } from "./chats.ts";
import { MOST_IN_CHAT, orderOf } from "./rules.ts";

const ANA = "ana@pizza.example";
const CHATS_WITH_MANY = 5;

/** A message that people wrote: the id by which it is delivered, and how the reply to it begins. */
export type Asked = { id: string; reply: string };

/** What people have written, each in the order in which it was delivered. */
export type Written = {
  /** By chat id. */
  chats: Map<string, Asked[]>;
  /** By room id. */
  rooms: Map<string, Asked[]>;
};

export type Load = { written: Written; stop(): Promise<void> };

export type LoadOptions = {
  random: () => number;
  /** Milliseconds between two messages, on average. */
  pauseMs: number;
};

/** People who write without a pause: pizza in new chats and in a few old ones, questions in Webex rooms. */
export function startLoad(chats: Chats, webex: WebexSandbox, { random, pauseMs }: LoadOptions): Load {
  const written: Written = { chats: new Map(), rooms: new Map() };
  const under: Promise<unknown>[] = [];
  let busyChats: { chatId: string; orders: number }[] = [];
  const rooms = [1, 2, 3].map((n) => webex.addRoom({ title: `Accounts ${n}`, members: [ANA] }).id);
  let asked = 0;
  let stopped = false;

  function note(place: Map<string, Asked[]>, key: string, message: Asked): void {
    place.set(key, [...(place.get(key) ?? []), message]);
  }

  async function orderInNewChat(): Promise<void> {
    const { text, reply } = orderOf(1);
    const { chatId, eventId } = await chats.startChat(text);
    note(written.chats, chatId, { id: eventId, reply });
    if (busyChats.length < CHATS_WITH_MANY) busyChats.push({ chatId, orders: 1 });
  }

  async function orderAgain(chat: { chatId: string; orders: number }): Promise<void> {
    chat.orders += 1;
    if (chat.orders === MOST_IN_CHAT) busyChats = busyChats.filter((other) => other !== chat);
    const { text, reply } = orderOf(chat.orders);
    const { eventId } = await chats.customerWrites(chat.chatId, text);
    note(written.chats, chat.chatId, { id: eventId, reply });
  }

  async function ask(): Promise<void> {
    asked += 1;
    const name = `question-${asked}`;
    const roomId = rooms[asked % rooms.length] ?? "";
    const { id } = await webex.says(ANA, roomId, `@globobot ${name}`);
    note(written.rooms, roomId, { id, reply: `balance for ${name}:` });
  }

  function writeSomething(): Promise<void> {
    const dice = random();
    const busy = busyChats[Math.floor(random() * busyChats.length)];
    if (dice < 0.5) return ask();
    return dice < 0.65 && busy !== undefined ? orderAgain(busy) : orderInNewChat();
  }

  const writing = (async () => {
    while (!stopped) {
      under.push(writeSomething());
      await sleep(pauseMs * 2 * random());
    }
  })();

  return {
    written,
    async stop() {
      stopped = true;
      await writing;
      await Promise.all(under);
      await Promise.all([chats.settled(), webex.settled()]);
    },
  };
}
