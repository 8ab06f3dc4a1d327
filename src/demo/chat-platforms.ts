import type { PlatformName } from "../job.ts";
import { DESCRIPTIONS } from "../platforms/list.ts";
import type { ChatPeople, Line, Recipients } from "../sandbox/chat-people.ts";
import type { ChatioSandbox } from "../sandbox/chatio/index.ts";
import type { LivechatSandbox } from "../sandbox/livechat/index.ts";
import { LICENSE, ORGANIZATION } from "./stage.ts";

/** A platform on which a company installs the Pizza BOT and its customers chat. */
export type ChatPlatform = {
  name: PlatformName;
  title: string;
  /** The server's path where an installation begins. */
  installPath: string;
  /** What the bot is installed on: "license", and its id. */
  tenant: string;
  account: string;
  /** What people should know before they try it there. */
  remark: string | null;
  bots(): DemoBot[];
  /** A customer opens a chat and has not written yet. */
  openChat(): Chat;
};

export type DemoBot = { id: string; name: string; isReady: boolean };

/** What people do and see in one chat. Writing resolves when the bots were told, whatever they answered. */
export type Chat = {
  customerWrites(text: string): Promise<unknown>;
  agentWrites(text: string, recipients: Recipients): Promise<unknown>;
  transcript(): Line[];
  /** Ids of the agents and bots now in the chat. */
  members(): string[];
};

/** In the order in which the demo shows them. */
export function createChatPlatforms(standIns: {
  livechat: LivechatSandbox;
  chatio: ChatioSandbox;
}): readonly [ChatPlatform, ...ChatPlatform[]] {
  const { livechat, chatio } = standIns;
  return [
    {
      ...named("livechat"),
      ...chatsOf(livechat, ORGANIZATION),
      remark: null,
      bots: () =>
        livechat.botAgents(ORGANIZATION).map(({ id, name, status }) => {
          return { id, name, isReady: status !== "offline" && livechat.areWebhooksEnabled(ORGANIZATION) };
        }),
    },
    {
      ...named("chatio"),
      ...chatsOf(chatio, LICENSE),
      remark: "chat.io closed in 2018 and became LiveChat.",
      bots: () =>
        chatio.botAgents(LICENSE).map(({ id, name, loggedIn }) => ({ id, name, isReady: loggedIn })),
    },
  ];
}

function named(name: PlatformName): Pick<ChatPlatform, "name" | "title" | "installPath" | "tenant"> {
  const description = DESCRIPTIONS.find((known) => known.name === name);
  if (!description?.install) throw new Error(`${name} has no bot to install`);
  const { title, install } = description;
  return { name, title, installPath: install.startPath, tenant: install.tenant };
}

function chatsOf<Account extends string | number>(
  people: ChatPeople<Account>,
  account: Account,
): Pick<ChatPlatform, "account" | "openChat"> {
  return {
    account: String(account),
    openChat() {
      const chatId = people.openChat(account);
      return {
        customerWrites: (text) => people.customerWrites(chatId, text),
        agentWrites: (text, recipients) => people.agentWrites(chatId, text, recipients),
        transcript: () => people.transcript(chatId),
        members: () => people.members(chatId),
      };
    },
  };
}
