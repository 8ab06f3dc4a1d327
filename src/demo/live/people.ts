import type { ChatioSandbox, Line } from "../../sandbox/chatio/index.ts";
import type { WebexSandbox } from "../../sandbox/webex/index.ts";
import type { RoomName, View } from "./view.ts";

const ANA = "ana@pizza.example";
const BEN = "ben@pizza.example";

export type Customer = { from: "customer"; text: string };
export type Agent = { from: "agent"; to: "all" | "agents"; text: string };
export type Colleague = { from: "ana"; room: RoomName; text: string };
export type Said = Customer | Agent | Colleague;

export type People = {
  says(said: Said): void;
  /** The customer leaves, and another one comes. */
  startOver(): void;
  chat(): Line[];
  rooms(): View["rooms"];
};

/** The people whom the person at the demo speaks for: a customer and an agent at chat.io, Ana at Webex. */
export function createPeople(licenseId: number, chatio: ChatioSandbox, webex: WebexSandbox): People {
  let chatId = chatio.openChat(licenseId);
  const roomIds = {
    group: webex.addRoom({ title: "Accounts", members: [ANA, BEN] }).id,
    direct: webex.addRoom({ title: "Ana", type: "direct", members: [ANA] }).id,
  };

  /** What is written stands there at once; its webhooks take their time, and whether they arrive is shown elsewhere. */
  async function write(said: Said): Promise<unknown> {
    if (said.from === "customer") return chatio.customerWrites(chatId, said.text);
    if (said.from === "agent") return chatio.agentWrites(chatId, said.text, said.to);
    return webex.says(ANA, roomIds[said.room], said.text);
  }

  return {
    says: (said) => void write(said),
    startOver() {
      chatId = chatio.openChat(licenseId);
    },
    chat: () => chatio.transcript(chatId),
    rooms: () => ({
      group: webex.transcript(roomIds.group),
      direct: webex.transcript(roomIds.direct),
    }),
  };
}
