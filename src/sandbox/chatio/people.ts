import {
  appendEvent,
  type Chat,
  type Chats,
  type Line,
  type NewEvent,
  type Recipients,
  transcribe,
} from "./chats.ts";
import type { Announce } from "./deliveries.ts";

/** The licenses at chat.io, and whose agent is signed in at the consent page. */
export type Licenses = {
  add(licenseId: number, entityId?: string): void;
  signIn(licenseId: number): void;
  signedIn(): number | undefined;
  /** The e-mail address of the license's agent. Throws for an unknown license. */
  entityOf(licenseId: number): string;
};

export function createLicenses(): Licenses {
  const entities = new Map<number, string>();
  let signedIn: number | undefined;

  function entityOf(licenseId: number) {
    const entityId = entities.get(licenseId);
    if (entityId === undefined) throw new Error(`no license ${licenseId}: add it first`);
    return entityId;
  }

  return {
    add(licenseId, entityId = `agent@license-${licenseId}.example`) {
      entities.set(licenseId, entityId);
      signedIn ??= licenseId;
    },
    signIn(licenseId) {
      entityOf(licenseId);
      signedIn = licenseId;
    },
    signedIn: () => signedIn,
    entityOf,
  };
}

/** What customers and human agents do in chats, and what they see there. */
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
    await announce(chat, written);
    return { eventId: written.id };
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
    transcript: (chatId: string): Line[] => transcribe(requireChat(chatId)),
    members: (chatId: string): string[] => [...requireChat(chatId).members],
  };
}
