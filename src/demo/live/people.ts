import type { Line } from "../../sandbox/chat-people.ts";
import type { StandIns } from "./troubles.ts";
import type { RoomName, View } from "./view.ts";

const ANA = "ana@pizza.example";
const BEN = "ben@pizza.example";

export type Said =
  | { from: "customer"; text: string }
  | { from: "agent"; to: "all" | "agents"; text: string }
  | { from: "ana"; room: RoomName; text: string };

export type People = {
  says(said: Said): void;
  /** Another customer opens a chat. */
  startOver(): void;
  chat(): Line[];
  rooms(): View["rooms"];
};

/** Those for whom the person at the demo speaks: a customer and an agent at chat.io, Ana at Webex. */
export function createPeople(licenseId: number, { chatio, webex }: StandIns): People {
  let chatId = chatio.openChat(licenseId);
  const roomIds = {
    group: webex.addRoom({ title: "Accounts", members: [ANA, BEN] }).id,
    direct: webex.addRoom({ title: "Ana", type: "direct", members: [ANA] }).id,
  };

  /** Resolves when the webhooks it caused are answered or given up. */
  async function write(said: Said): Promise<unknown> {
    if (said.from === "customer") return chatio.customerWrites(chatId, said.text);
    if (said.from === "agent") return chatio.agentWrites(chatId, said.text, said.to);
    return webex.says(ANA, roomIds[said.room], said.text);
  }

  return {
    // The page shows what was said at once, and each webhook as it goes.
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
