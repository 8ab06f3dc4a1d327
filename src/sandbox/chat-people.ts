export type Recipients = "all" | "agents";

/** One line of a transcript. */
export type Line = {
  type: string;
  /** "customer", "agent", "system", or the name of a bot. */
  author: string;
  text: string;
  recipients: Recipients;
};

/** A message that a person writes. */
export type PersonalMessage = {
  authorId: string;
  authorName: "customer" | "agent";
  text: string;
  recipients: Recipients;
};

/** What customers and human agents do in chats, and what they see there. An account is a license or an organization. */
export type ChatPeople<Account> = {
  /** A customer opens a chat and has not written yet. Returns its id. */
  openChat(account: Account): string;
  /** A customer opens a chat and writes. Resolves when the bots were told, whatever they answered. */
  startChat(account: Account, customerText: string): Promise<{ chatId: string; eventId: string }>;
  customerWrites(chatId: string, text: string): Promise<{ eventId: string }>;
  /** The account's human agent writes, and is in the chat from then on. */
  agentWrites(chatId: string, text: string, recipients?: Recipients): Promise<{ eventId: string }>;
  transcript(chatId: string): Line[];
  /** Ids of the agents and bots now in the chat. */
  members(chatId: string): string[];
};

/** Lets people act in the chats of a platform. */
export function createChatPeople<Account, Chat extends { id: string; customerId: string }>(platform: {
  /** Throws for an unknown account. */
  open(account: Account): Chat;
  find(chatId: string): Chat | undefined;
  /** Makes the account's human agent a member. Returns the agent's id. */
  letAgentIn(chat: Chat): string;
  /** Resolves with the event's id when the bots were told. */
  write(chat: Chat, message: PersonalMessage): Promise<string>;
  membersOf(chat: Chat): string[];
  transcribe(chat: Chat): Line[];
}): ChatPeople<Account> {
  function requireChat(chatId: string): Chat {
    const chat = platform.find(chatId);
    if (chat === undefined) throw new Error(`no chat ${chatId}`);
    return chat;
  }

  async function writeAsCustomer(chat: Chat, text: string) {
    const author = { authorId: chat.customerId, authorName: "customer" } as const;
    return { eventId: await platform.write(chat, { ...author, text, recipients: "all" }) };
  }

  return {
    openChat: (account) => platform.open(account).id,
    async startChat(account, customerText) {
      const chat = platform.open(account);
      return { chatId: chat.id, ...(await writeAsCustomer(chat, customerText)) };
    },
    customerWrites: async (chatId, text) => writeAsCustomer(requireChat(chatId), text),
    async agentWrites(chatId, text, recipients = "all") {
      const chat = requireChat(chatId);
      const author = { authorId: platform.letAgentIn(chat), authorName: "agent" } as const;
      return { eventId: await platform.write(chat, { ...author, text, recipients }) };
    },
    transcript: (chatId) => platform.transcribe(requireChat(chatId)),
    members: (chatId) => platform.membersOf(requireChat(chatId)),
  };
}
