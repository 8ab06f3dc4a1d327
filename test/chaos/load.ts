import { setTimeout as sleep } from "node:timers/promises";
import type { WebexSandbox } from "../../src/sandbox/webex/index.ts";
import type { Chats } from "./chats.ts";

const ANA = "ana@pizza.example";
const CHATS_WITH_MANY = 5;
const PAUSE_MS = 12;

/** What people have written: pizza events by chat, and questions by the text that answers them. */
export type Written = {
  /** Chat id to the event ids of its pizza messages. */
  pizzas: Map<string, string[]>;
  /** Message id to room, and to the words that its answer begins with. */
  questions: Map<string, { roomId: string; answer: string }>;
};

export type Load = { written: Written; stop(): Promise<void> };

/** People who write without a pause: pizza in new chats and in a few old ones, questions in Webex rooms. */
export function startLoad(chats: Chats, webex: WebexSandbox, random: () => number): Load {
  const written: Written = { pizzas: new Map(), questions: new Map() };
  const under: Promise<unknown>[] = [];
  const busyChats: string[] = [];
  const rooms = [1, 2, 3].map((n) => webex.addRoom({ title: `Accounts ${n}`, members: [ANA] }).id);
  let asked = 0;
  let stopped = false;

  function note(chatId: string, eventId: string): void {
    written.pizzas.set(chatId, [...(written.pizzas.get(chatId) ?? []), eventId]);
  }

  async function orderInNewChat(): Promise<void> {
    const { chatId, eventId } = await chats.startChat("pizza please");
    note(chatId, eventId);
    if (busyChats.length < CHATS_WITH_MANY) busyChats.push(chatId);
  }

  async function orderAgain(chatId: string): Promise<void> {
    const { eventId } = await chats.customerWrites(chatId, "and another pizza");
    note(chatId, eventId);
  }

  async function ask(): Promise<void> {
    asked += 1;
    const id = `question-${asked}`;
    const roomId = rooms[asked % rooms.length] ?? "";
    const message = await webex.says(ANA, roomId, `@globobot ${id}`);
    written.questions.set(message.id, { roomId, answer: `balance for ${id}:` });
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
      await sleep(PAUSE_MS * 2 * random());
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
