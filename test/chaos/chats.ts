import type { Environment } from "../../src/config/config.ts";
import { startChatioSandbox } from "../../src/sandbox/chatio/index.ts";
import type { Faults } from "../../src/sandbox/faults.ts";
import { startLivechatSandbox } from "../../src/sandbox/livechat/index.ts";

const LICENSE = 1520;
const ORGANIZATION = "0c9e4f52-dddd-4eee-8fff-000000000002";
const APP = { clientId: "chaos-client", clientSecret: "chaos-client-secret" };
const WEBHOOK_SECRET = "chaos-webhook-secret-of-livechat";

/** A stand-in of a platform on which customers chat, as chaos sees it. */
export type Chats = {
  /** What the server needs to meet it. */
  settings: Environment;
  /** Installs the bot there, as from the platform's marketplace. */
  install(): Promise<void>;
  /** Installs it in another organization of that number, or again; null: the platform promises nothing for a kill meanwhile. */
  installElsewhere: ((number: number) => Promise<void>) | null;
  /** How many bots there are in that organization. */
  botsElsewhere(number: number): number;
  startChat(text: string): Promise<{ chatId: string; eventId: string }>;
  customerWrites(chatId: string, text: string): Promise<{ eventId: string }>;
  transcript(chatId: string): readonly { author: string; text: string }[];
  /** Whether a bot is in the chat. */
  hasBot(chatId: string): boolean;
  deliveries: readonly { status: number | null; eventId: string }[];
  delivery: { attempts: number; retryAfterMs: number };
  faults: Faults;
  settled(): Promise<void>;
  stop(): Promise<void>;
};

/** `url`: where the server is reached. */
type StartChats = (url: string, random: () => number) => Promise<Chats>;

/** By the names of the platforms. */
export const CHAT_PLATFORMS = { livechat: startLivechat, chatio: startChatio } satisfies Record<
  string,
  StartChats
>;

export type ChatPlatform = keyof typeof CHAT_PLATFORMS;

async function startLivechat(url: string, random: () => number): Promise<Chats> {
  const sandbox = await startLivechatSandbox({ ...APP, redirectUri: `${url}/livechat/token`, random });
  sandbox.addOrganization(ORGANIZATION);
  const added = new Set<string>();
  const elsewhere = (number: number) => `0c9e4f52-dddd-4eee-8fff-1${String(number).padStart(11, "0")}`;
  const hook = { url: `${url}/livechat/webhook`, secret_key: WEBHOOK_SECRET, type: "license" } as const;
  sandbox.addWebhook({ ...hook, action: "incoming_chat" });
  sandbox.addWebhook({ ...hook, action: "incoming_event" });
  return {
    ...sandbox,
    settings: {
      LIVECHAT_CLIENT_ID: APP.clientId,
      LIVECHAT_CLIENT_SECRET: APP.clientSecret,
      LIVECHAT_WEBHOOK_SECRET: WEBHOOK_SECRET,
      LIVECHAT_ACCOUNTS_URL: sandbox.accountsUrl,
      LIVECHAT_API_URL: sandbox.apiUrl,
    },
    install: () => install(`${url}/livechat/token`, sandbox.issueCode(ORGANIZATION)),
    async installElsewhere(number) {
      const organization = elsewhere(number);
      if (!added.has(organization)) sandbox.addOrganization(organization);
      added.add(organization);
      await install(`${url}/livechat/token`, sandbox.issueCode(organization));
    },
    botsElsewhere: (number) => sandbox.botAgents(elsewhere(number)).length,
    startChat: (text) => sandbox.startChat(ORGANIZATION, text),
    hasBot: (chatId) => hasOneOf(sandbox.members(chatId), sandbox.botAgents(ORGANIZATION)),
  };
}

async function startChatio(url: string, random: () => number): Promise<Chats> {
  const sandbox = await startChatioSandbox({ ...APP, redirectUri: `${url}/token`, random });
  sandbox.addLicense(LICENSE);
  sandbox.delivery.order = "chat";
  return {
    ...sandbox,
    settings: {
      CHATIO_CLIENT_ID: APP.clientId,
      CHATIO_CLIENT_SECRET: APP.clientSecret,
      CHATIO_ACCOUNTS_URL: sandbox.accountsUrl,
      CHATIO_API_URL: sandbox.apiUrl,
    },
    install: () => install(`${url}/token`, sandbox.issueCode()),
    installElsewhere: null,
    botsElsewhere: () => 1,
    startChat: (text) => sandbox.startChat(LICENSE, text),
    hasBot: (chatId) => hasOneOf(sandbox.members(chatId), sandbox.botAgents(LICENSE)),
  };
}

async function install(url: string, code: string): Promise<void> {
  const answer = await fetch(`${url}?${new URLSearchParams({ code })}`);
  if (!answer.ok) throw new Error(`The installation was answered with ${answer.status}.`);
}

function hasOneOf(members: readonly string[], bots: readonly { id: string }[]): boolean {
  return bots.some(({ id }) => members.includes(id));
}
