import { type ChatPeople, createChatPeople } from "../chat-people.ts";
import { createConsentPages } from "../consent-page.ts";
import { createStandIn, type StandIn, type StandInOptions } from "../stand-in.ts";
import { createAccounts } from "./accounts.ts";
import {
  type BotAgent,
  createBotAgents,
  createConfiguration,
  describeBot,
  type RegisteredBot,
} from "./bot-agents.ts";
import { appendEvent, type Chat, createAgentApi, createChats, transcribe } from "./chats.ts";
import { createConsent } from "./consent.ts";
import { type ChatioDeliverySettings, createAnnounce, type DeliveryRecord } from "./deliveries.ts";
import { createLicenses } from "./licenses.ts";
import { createTokenBook } from "./tokens.ts";
import { accountsFailure, apiFailure, apiRefusal } from "./wire.ts";

export type ChatioOptions = StandInOptions & {
  clientId: string;
  clientSecret: string;
  /** As registered in the developers console. */
  redirectUri: string;
  /** Seconds; default 3920. */
  tokenLifetimeS?: number;
  /** What `expires_in` says of every token, if that is not the truth. */
  expiresIn?: number;
  /** Whether the consent page waits for a person's click. By default whoever is signed in agrees at once. */
  asksForConsent?: boolean;
};

export type ChatioSandbox = StandIn<DeliveryRecord, ChatioDeliverySettings> &
  ChatPeople<number> & {
    accountsUrl: string;
    apiUrl: string;
    /** The first license added is signed in. */
    addLicense(licenseId: number, entityId?: string): void;
    /** From now on this license's agent visits the consent page. */
    signIn(licenseId: number): void;
    /** A code for the registered redirect URI, without a visit to the consent page. Default: whoever is signed in. */
    issueCode(licenseId?: number): string;
    botAgents(licenseId: number): BotAgent[];
    /** As if a person had removed it at chat.io. */
    removeBotAgent(licenseId: number, botId: string): void;
    /** Access tokens are no longer valid, refresh tokens still are. */
    expireAccessTokens(licenseId?: number): void;
    /** Neither access nor refresh tokens are valid any more. */
    revokeAll(licenseId?: number): void;
  };

/** Starts a stand-in for chat.io on 127.0.0.1, as strict as the platform is documented to be. */
export async function startChatioSandbox(options: ChatioOptions): Promise<ChatioSandbox> {
  const settings: ChatioDeliverySettings = { order: "bot" };
  const standIn = createStandIn<DeliveryRecord, ChatioDeliverySettings>("chat.io", options, settings);
  const { app, onChange } = standIn;
  const licenses = createLicenses();
  const tokens = createTokenBook(options.tokenLifetimeS ?? 3920);
  const bots = createBotAgents(tokens, onChange);
  const chats = createChats();
  const announce = createAnnounce({ ...standIn, bots });
  const people = createChatPeople<number, Chat>({
    open(licenseId) {
      licenses.entityOf(licenseId);
      return chats.open(licenseId);
    },
    find: chats.find,
    letAgentIn(chat) {
      const agentId = licenses.entityOf(chat.licenseId);
      chat.members.add(agentId);
      return agentId;
    },
    async write(chat, message) {
      const written = appendEvent(chat, { type: "message", ...message });
      await announce(chat, written);
      return written.id;
    },
    membersOf: (chat) => [...chat.members],
    transcribe,
  });
  const removeBot = (bot: RegisteredBot) => {
    chats.forget(bot.id);
    bots.remove(bot.id);
  };

  const accounts = { ...options, licenses, tokens };
  const pages = createConsentPages("chat.io", options.redirectUri);
  app.use(createConsent({ ...accounts, pages, endpoint: standIn.visits(pages.fail) }));
  app.use(createAccounts({ ...accounts, endpoint: standIn.endpoints(accountsFailure) }));
  const endpoint = standIn.endpoints(apiFailure);
  app.use(createConfiguration({ clientId: options.clientId, tokens, bots, removeBot, endpoint }));
  app.use(createAgentApi({ tokens, bots, chats, announce, endpoint }));
  app.use(
    endpoint("unknown", () => {
      throw apiRefusal("validation", "no such method");
    }),
  );
  const { origin, ...shared } = await standIn.open(
    () => apiRefusal("validation", "unreadable request").answer,
  );

  return {
    ...shared,
    accountsUrl: origin,
    apiUrl: origin,
    addLicense: licenses.add,
    signIn: licenses.signIn,
    issueCode(licenseId = licenses.signedIn()) {
      if (licenseId === undefined) throw new Error("nobody is signed in: add a license first");
      licenses.entityOf(licenseId);
      return tokens.createCode(licenseId, options.redirectUri);
    },
    ...people,
    botAgents: (licenseId) => bots.list(licenseId).map((bot) => describeBot(bot, bots.isLoggedIn(bot))),
    removeBotAgent(licenseId, botId) {
      const bot = bots.find(licenseId, botId);
      if (bot === undefined) throw new Error(`no bot agent ${botId} in license ${licenseId}`);
      removeBot(bot);
    },
    expireAccessTokens(licenseId) {
      tokens.expireAccess(licenseId);
      onChange();
    },
    revokeAll(licenseId) {
      tokens.revokeAll(licenseId);
      onChange();
    },
  };
}
