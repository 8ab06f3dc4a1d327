import type { PlatformName } from "../../job.ts";
import type { Line } from "../../sandbox/chat-people.ts";
import type { WebexSandbox } from "../../sandbox/webex/index.ts";
import type { Chat, ChatPlatform } from "../chat-platforms.ts";
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
  /** Where the customer and the agents chat; at first on the first platform. */
  platform(): ChatPlatform;
  /** Moves them to the platform of this name, where their last chat is still open. */
  moveTo(name: PlatformName): void;
  chat(): Line[];
  /** Whether the Pizza BOT has spoken in any chat so far. */
  isServed(): boolean;
  /** Ana's room that is shown; at first the group. */
  room(): RoomName;
  showRoom(name: RoomName): void;
  rooms(): View["rooms"];
  /** Where something is written of which the bots have not been told yet: in the chat that is open, and in the rooms. */
  undelivered(): View["undelivered"];
};

/** Those for whom the person at the demo speaks: a customer and an agent on the platform of choice, Ana on Webex. */
export function createPeople(
  platforms: readonly [ChatPlatform, ...ChatPlatform[]],
  webex: WebexSandbox,
): People {
  let [platform] = platforms;
  let room: RoomName = "group";
  const chats = new Map<PlatformName, Chat>();
  /** Those of earlier customers, too. */
  const allChats = new Set<Chat>();
  /** What was written and not delivered yet. */
  const underWay = new Set<{ place: Chat | RoomName }>();
  const roomIds = {
    group: webex.addRoom({ title: "Accounts", members: [ANA, BEN] }).id,
    direct: webex.addRoom({ title: "Ana", type: "direct", members: [ANA] }).id,
  };

  function chat(): Chat {
    const open = chats.get(platform.name) ?? platform.openChat();
    chats.set(platform.name, open);
    allChats.add(open);
    return open;
  }

  /** Resolves when the webhooks it caused are answered or given up. */
  async function write(said: Said): Promise<unknown> {
    if (said.from === "customer") return chat().customerWrites(said.text);
    if (said.from === "agent") return chat().agentWrites(said.text, said.to);
    return webex.says(ANA, roomIds[said.room], said.text);
  }

  async function deliver(said: Said): Promise<void> {
    const message = { place: said.from === "ana" ? said.room : chat() };
    underWay.add(message);
    await write(said).finally(() => underWay.delete(message));
  }

  const isUnderWay = (where: Chat | RoomName) => [...underWay].some(({ place }) => place === where);

  return {
    // The page shows what was said at once, and each webhook as it goes.
    says: (said) => void deliver(said),
    startOver() {
      chats.delete(platform.name);
    },
    platform: () => platform,
    moveTo(name) {
      platform = platforms.find((one) => one.name === name) ?? platform;
    },
    chat: () => chat().transcript(),
    isServed: () =>
      [...allChats].some((one) => one.transcript().some(({ author }) => author === "Pizza BOT")),
    room: () => room,
    showRoom(name) {
      room = name;
    },
    rooms: () => ({
      group: webex.transcript(roomIds.group),
      direct: webex.transcript(roomIds.direct),
    }),
    undelivered: () => ({
      chat: isUnderWay(chat()),
      group: isUnderWay("group"),
      direct: isUnderWay("direct"),
    }),
  };
}
