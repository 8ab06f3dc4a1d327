import { type ChatPeople, createChatPeople } from "../chat-people.ts";
import { appendEvent, archive, type Chat, type Chats, transcribe } from "./chats.ts";
import type { Announce } from "./deliveries.ts";
import type { Organizations } from "./organizations.ts";

/** What customers and human agents do in chats, and what they see there. */
export type LivechatPeople = ChatPeople<string> & {
  /** A customer opens a chat in this group, default 0, and has not written yet. Returns its id. */
  openChat(organizationId: string, groupId?: number): string;
  /** Ends the chat's thread. A customer who writes again begins the next one. */
  archiveChat(chatId: string): void;
};

export function createPeople(context: {
  organizations: Organizations;
  chats: Chats;
  announce: Announce;
  onChange: () => void;
}): LivechatPeople {
  const { organizations, chats, announce, onChange } = context;

  function open(organizationId: string, groupId = 0): Chat {
    const { groups } = organizations.get(organizationId);
    if (!groups.some(({ id }) => id === groupId)) throw new Error(`no group ${groupId}: add it first`);
    return chats.open(organizationId, groupId);
  }

  return {
    ...createChatPeople<string, Chat>({
      open: (organizationId) => open(organizationId),
      find: chats.find,
      letAgentIn(chat) {
        const { email } = organizations.get(chat.organizationId);
        chat.members.set(email, "all");
        return email;
      },
      async write(chat, message) {
        const written = appendEvent(chat, { type: "message", source: "other_clients", ...message });
        await announce(chat, written);
        return written.id;
      },
      membersOf: (chat) => [...chat.members.keys()],
      transcribe,
    }),
    openChat: (organizationId: string, groupId?: number) => open(organizationId, groupId).id,
    archiveChat(chatId) {
      const chat = chats.find(chatId);
      if (chat === undefined) throw new Error(`no chat ${chatId}`);
      archive(chat);
      onChange();
    },
  };
}
