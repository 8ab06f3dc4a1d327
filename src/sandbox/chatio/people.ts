import {
  appendEvent,
  type Chat,
  type Chats,
  type Line,
  type NewEvent,
  type Recipients,
  transcribe,
} from "./chats.ts";
import type { Licenses } from "./licenses.ts";
import type { Announce } from "./webhooks.ts";

/** Customers and human agents: what they do in chats, and what they see there. */
export function createPeople(context: { licenses: Licenses; chats: Chats; announce: Announce }) {
  const { licenses, chats, announce } = context;

  function requireChat(chatId: string): Chat {
    const chat = chats.find(chatId);
    if (chat === undefined) throw new Error(`no chat ${chatId}`);
    return chat;
  }

  function openChat(licenseId: number): string {
    licenses.entityOf(licenseId);
    return chats.open(licenseId).id;
  }

  async function write(chat: Chat, event: Omit<NewEvent, "type">): Promise<{ eventId: string }> {
    const written = appendEvent(chat, { type: "message", ...event });
    await announce({ chat, ...written });
    return { eventId: written.event.id };
  }

  function customerWrites(chat: Chat, text: string) {
    return write(chat, { authorId: chat.customerId, authorName: "customer", text });
  }

  return {
    openChat,
    async startChat(licenseId: number, customerText: string) {
      const chatId = openChat(licenseId);
      return { chatId, ...(await customerWrites(requireChat(chatId), customerText)) };
    },
    customerWrites: async (chatId: string, text: string) => customerWrites(requireChat(chatId), text),
    async agentWrites(chatId: string, text: string, recipients: Recipients = "all") {
      const chat = requireChat(chatId);
      const authorId = licenses.entityOf(chat.licenseId);
      chat.members.add(authorId);
      return write(chat, { authorId, authorName: "agent", text, recipients });
    },
    closeThread(chatId: string) {
      const thread = requireChat(chatId).threads.at(-1);
      if (thread !== undefined) thread.active = false;
    },
    transcript: (chatId: string): Line[] => transcribe(requireChat(chatId)),
    members: (chatId: string): string[] => [...requireChat(chatId).members],
  };
}
