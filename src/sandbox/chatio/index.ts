import type { Call } from "../calls.ts";
import { createCourier, type DeliverySettings, defaultDelivery } from "../courier.ts";
import { createEndpoint } from "../endpoint.ts";
import { createExchanges, type Listeners } from "../exchanges.ts";
import { createFaults, type Faults } from "../faults.ts";
import { createWireApp, listen, refuseUnreadable } from "../listen.ts";
import { createAccounts } from "./accounts.ts";
import { createAgentApi } from "./agent-api.ts";
import { type BotAgent, createBotAgents, describeBot, type RegisteredBot } from "./bot-agents.ts";
import { createChats, type Line, type Recipients } from "./chats.ts";
import { createConfiguration } from "./configuration.ts";
import { createConsent } from "./consent.ts";
import { accountsFailure, apiFailure, apiRefusal } from "./errors.ts";
import { createLicenses } from "./licenses.ts";
import { createPeople } from "./people.ts";
import { createTokenBook } from "./tokens.ts";
import { type ChatioDeliverySettings, createAnnounce, type DeliveryRecord } from "./webhooks.ts";

export type { Call } from "../calls.ts";
export type { Exchange } from "../exchanges.ts";
export type { BotAgent } from "./bot-agents.ts";
export type { Line } from "./chats.ts";
export type { DeliveryRecord } from "./webhooks.ts";

export type ChatioOptions = Listeners & {
  clientId: string;
  clientSecret: string;
  /** As registered in the developers console. */
  redirectUri: string;
  /** Default: any free port. */
  port?: number;
  /** The one version the APIs speak; default "v0.3". */
  apiVersion?: string;
  /** Seconds; default 3920. */
  tokenLifetimeS?: number;
  /** What `expires_in` says of every token, where that is not the truth. */
  expiresIn?: number;
  /** Whether the consent page waits for a person's click; by default whoever is signed in agrees at once. */
  asksForConsent?: boolean;
  /** Decides which calls a fault with a `rate` hits. */
  random?: () => number;
};

export type ChatioSandbox = {
  accountsUrl: string;
  apiUrl: string;
  faults: Faults;
  /** The first license added is signed in. */
  addLicense(licenseId: number, entityId?: string): void;
  /** Whose consent the next visit to the consent page stands for. */
  signIn(licenseId: number): void;
  /** A code for the registered redirect URI without a visit to the consent page; default: whoever is signed in. */
  issueCode(licenseId?: number): string;
  /** A customer opens a chat, and has not written yet. Tells its id. */
  openChat(licenseId: number): string;
  /** A customer opens a chat and writes; resolves when the bots were told, whatever they answered. */
  startChat(licenseId: number, customerText: string): Promise<{ chatId: string; eventId: string }>;
  customerWrites(chatId: string, text: string): Promise<{ eventId: string }>;
  /** The license's human agent, who is in the chat from then on. */
  agentWrites(chatId: string, text: string, recipients?: Recipients): Promise<{ eventId: string }>;
  /** The chat has no active thread from now on; the next message opens a new one. */
  closeThread(chatId: string): void;
  transcript(chatId: string): Line[];
  /** Ids of the agents and bots now in the chat. */
  members(chatId: string): string[];
  botAgents(licenseId: number): BotAgent[];
  /** As if removed by a person on their side. */
  removeBotAgent(licenseId: number, botId: string): void;
  /** Access tokens are no longer valid, refresh tokens still are. */
  expireAccessTokens(licenseId?: number): void;
  /** Neither access nor refresh tokens are valid any more. */
  revokeAll(licenseId?: number): void;
  /** Every call received, in order. */
  calls: Call[];
  /** How many connections were opened to it so far. */
  connections(): number;
  /** Every finished attempt to deliver a webhook. */
  deliveries: DeliveryRecord[];
  delivery: DeliverySettings & ChatioDeliverySettings;
  /** Resolves when no delivery is under way. */
  settled(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts a stand-in for chat.io on 127.0.0.1, as strict as the platform is documented to be. */
export async function startChatioSandbox(options: ChatioOptions): Promise<ChatioSandbox> {
  const {
    apiVersion = "v0.3",
    tokenLifetimeS = 3920,
    onExchange,
    onChange = () => undefined,
    onAnswer,
  } = options;
  const beginExchange = onExchange && createExchanges("chat.io", onExchange);
  const faults = createFaults(options.random);
  const calls: Call[] = [];
  const deliveries: DeliveryRecord[] = [];
  const delivery: DeliverySettings & ChatioDeliverySettings = { ...defaultDelivery, order: "bot" };
  const courier = createCourier(delivery, beginExchange);
  const licenses = createLicenses();
  const tokens = createTokenBook(tokenLifetimeS);
  const bots = createBotAgents(tokens, onChange);
  const chats = createChats();
  const announce = createAnnounce({ apiVersion, bots, courier, settings: delivery, deliveries, onChange });
  const people = createPeople({ licenses, chats, announce });
  const removeBot = (bot: RegisteredBot) => {
    chats.forget(bot.id);
    bots.remove(bot.id);
  };

  // Whoever visits the consent page is a browser: that is no exchange of the server's.
  const onVisit = createEndpoint({ faults, calls, failure: accountsFailure });
  const onAccounts = createEndpoint({ faults, calls, failure: accountsFailure, beginExchange, onAnswer });
  const onApi = createEndpoint({ faults, calls, failure: apiFailure, beginExchange, onAnswer });
  const shared = { apiVersion, tokens, bots };
  const app = createWireApp();
  app.use(createConsent({ ...options, licenses, tokens, endpoint: onVisit }));
  app.use(createAccounts({ ...options, licenses, tokens, endpoint: onAccounts }));
  app.use(createConfiguration({ ...shared, clientId: options.clientId, removeBot, endpoint: onApi }));
  app.use(createAgentApi({ ...shared, chats, announce, endpoint: onApi }));
  app.use(
    onApi("unknown", () => {
      throw apiRefusal("validation", "no such method");
    }),
  );
  app.use(refuseUnreadable(() => apiRefusal("validation", "unreadable request").answer));
  const { origin, connections, close } = await listen(app, options.port);

  return {
    accountsUrl: origin,
    apiUrl: origin,
    faults,
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
    calls,
    connections,
    deliveries,
    delivery,
    settled: courier.settled,
    async stop() {
      courier.stop();
      await close();
    },
  };
}
