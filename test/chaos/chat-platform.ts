import type { Environment } from "../../src/config/config.ts";
import type { ChatPeople } from "../../src/sandbox/chat-people.ts";
import { startChatioSandbox } from "../../src/sandbox/chatio/index.ts";
import type { Attempt } from "../../src/sandbox/courier.ts";
import { startLivechatSandbox } from "../../src/sandbox/livechat/index.ts";
import type { StandIn } from "../../src/sandbox/stand-in.ts";

const LICENSE = 1520;
const ORGANIZATION = "0c9e4f52-dddd-4eee-8fff-000000000002";
const APP = { clientId: "chaos-client", clientSecret: "chaos-client-secret" };
const WEBHOOK_SECRET = "chaos-livechat-webhook-secret";

type Delivery = Attempt & { eventId: string };

/** A platform of the keyword bot, with one account. */
export type ChatPlatform = Pick<
  StandIn<Delivery, object>,
  "faults" | "deliveries" | "delivery" | "settled" | "stop"
> &
  Pick<ChatPeople<unknown>, "customerWrites" | "transcript"> & {
    /** Of a server that is to work with it. */
    settings: Environment;
    /** Where a person comes back to after having consented: good for one installation. */
    finishUrl(): string;
    /** A customer opens a chat and writes. */
    startChat(text: string): ReturnType<ChatPeople<unknown>["startChat"]>;
    isBotIn(chatId: string): boolean;
  };

type Options = {
  /** The server's public address. */
  url: string;
  random: () => number;
};

/** By name: how each is started. */
export const CHAT_PLATFORMS = { chatio: startChatio, livechat: startLivechat } as const;

export type ChatPlatformName = keyof typeof CHAT_PLATFORMS;

async function startChatio({ url, random }: Options): Promise<ChatPlatform> {
  const redirectUri = `${url}/token`;
  const chatio = await startChatioSandbox({ ...APP, redirectUri, random });
  chatio.addLicense(LICENSE);
  chatio.delivery.order = "chat";
  const { accountsUrl, apiUrl } = chatio;
  return {
    ...chatio,
    settings: {
      CHATIO_CLIENT_ID: APP.clientId,
      CHATIO_CLIENT_SECRET: APP.clientSecret,
      CHATIO_ACCOUNTS_URL: accountsUrl,
      CHATIO_API_URL: apiUrl,
    },
    finishUrl: () => withCode(redirectUri, chatio.issueCode()),
    startChat: (text) => chatio.startChat(LICENSE, text),
    isBotIn: (chatId) => isAnyIn(chatio.botAgents(LICENSE), chatio.members(chatId)),
  };
}

async function startLivechat({ url, random }: Options): Promise<ChatPlatform> {
  const redirectUri = `${url}/livechat/token`;
  const livechat = await startLivechatSandbox({ ...APP, redirectUri, random });
  livechat.addOrganization(ORGANIZATION);
  for (const action of ["incoming_chat", "incoming_event"] as const) {
    livechat.addWebhook({
      action,
      url: `${url}/livechat/webhook`,
      secret_key: WEBHOOK_SECRET,
      type: "license",
    });
  }
  const { accountsUrl, apiUrl } = livechat;
  return {
    ...livechat,
    settings: {
      LIVECHAT_CLIENT_ID: APP.clientId,
      LIVECHAT_CLIENT_SECRET: APP.clientSecret,
      LIVECHAT_WEBHOOK_SECRET: WEBHOOK_SECRET,
      LIVECHAT_ACCOUNTS_URL: accountsUrl,
      LIVECHAT_API_URL: apiUrl,
    },
    finishUrl: () => withCode(redirectUri, livechat.issueCode()),
    startChat: (text) => livechat.startChat(ORGANIZATION, text),
    isBotIn: (chatId) => isAnyIn(livechat.botAgents(ORGANIZATION), livechat.members(chatId)),
  };
}

function withCode(redirectUri: string, code: string): string {
  return `${redirectUri}?${new URLSearchParams({ code })}`;
}

function isAnyIn(bots: readonly { id: string }[], members: readonly string[]): boolean {
  return bots.some(({ id }) => members.includes(id));
}
