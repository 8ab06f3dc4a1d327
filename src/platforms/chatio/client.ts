import { z } from "zod";
import {
  type Call,
  type CallGate,
  type CallReport,
  createHttp,
  type Http,
  type Outlook,
  type PlatformRefusal,
} from "../../http/http.ts";
import type { Reply } from "../../reactions/keywords.ts";
import { quotaOf } from "../keyword-bot/events.ts";
import type { Tokens } from "../keyword-bot/installation.ts";
import { tokenAnswer, tokensOf } from "../keyword-bot/token-answer.ts";

const TIMEOUT_MS = 15_000;
const BOT_NAME = "Pizza BOT";

export type ChatioClientOptions = {
  clientId: string;
  clientSecret: string;
  /** Exactly the string in the consent link. */
  redirectUri: string;
  accountsUrl: string;
  apiUrl: string;
  apiVersion: string;
  /** Where bot agents are to send their webhooks. */
  webhookUrl: string;
  /** Milliseconds that one call may take; 15 s by default. */
  timeoutMs?: number | undefined;
  /** Refuses calls of a license while chat.io has asked for a pause. */
  gate?: CallGate | undefined;
  /** Called when a call has ended. */
  observe?: (call: CallReport) => void;
};

const tokens = tokenAnswer.transform(tokensOf);

const license = z
  .object({ license_id: z.int().positive() })
  .transform(({ license_id: id }) => ({ account: String(id) }));

/** What a call on behalf of a license needs. The rate limit is the license's. */
export type Access = { account: string; accessToken: string };

/** What a call as the bot needs: a token of its license, too. */
export type Bot = Access & { botId: string };

/** The calls that the Pizza BOT makes. Each throws PlatformError. */
export function createChatioClient(options: ChatioClientOptions) {
  const { timeoutMs = TIMEOUT_MS, gate, observe } = options;
  const common = { platform: "chat.io", timeoutMs, gate, observe };
  const accounts = createHttp({ ...common, baseUrl: options.accountsUrl, readRefusal: readOauthRefusal });
  const api = createHttp({
    ...common,
    baseUrl: options.apiUrl,
    readRefusal: readApiRefusal,
    outlookOf,
  });
  return { ...accountsCalls(accounts, options), ...botAgentCalls(api, options), ...chatCalls(api, options) };
}

export type ChatioClient = ReturnType<typeof createChatioClient>;

function accountsCalls(http: Http, { clientId, clientSecret, redirectUri }: ChatioClientOptions) {
  const app = { client_id: clientId, client_secret: clientSecret };
  return {
    /** Exchanges a code, which is valid once, for tokens. */
    exchange: (code: string): Promise<Tokens> =>
      http({
        name: "exchange",
        method: "POST",
        path: "/token",
        quota: null,
        form: { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...app },
        answer: tokens,
      }),

    /**
     * New tokens for the license (null: for whichever the token is of); this uses up the refresh token.
     * Error type "invalid_grant": it is refused for good.
     */
    refresh: (account: string | null, refreshToken: string): Promise<Tokens> =>
      http({
        name: "refresh",
        method: "POST",
        path: "/token",
        quota: account === null ? null : quotaOf("chatio", account),
        form: { grant_type: "refresh_token", refresh_token: refreshToken, ...app },
        answer: tokens,
      }),

    /** Which license the token is for. */
    info: (accessToken: string): Promise<{ account: string }> =>
      http({
        name: "info",
        method: "GET",
        path: "/info",
        quota: null,
        token: accessToken,
        answer: license,
      }),

    /** Revokes the token, and its refresh token. Not held back by the rate limit, since it only gives up rights. */
    revoke: (accessToken: string): Promise<void> =>
      http({ name: "revoke", method: "DELETE", path: "/token", quota: null, query: { token: accessToken } }),
  };
}

function botAgentCalls(http: Http, { apiVersion, webhookUrl }: ChatioClientOptions) {
  const call = (name: string, { account, accessToken: token }: Access, json: object): Call => ({
    name,
    method: "POST",
    path: `/configuration/${apiVersion}/agents/${name}`,
    quota: quotaOf("chatio", account),
    token,
    json,
  });
  const description = (webhookSecret: string) => ({
    name: BOT_NAME,
    status: "not accepting chats",
    webhooks: {
      url: webhookUrl,
      secret_key: webhookSecret,
      actions: [{ name: "incoming_event" }, { name: "incoming_chat_thread" }],
    },
  });
  return {
    /** Creates a bot agent that is tied to this token, and returns its id. */
    createBotAgent: async (access: Access, webhookSecret: string): Promise<string> => {
      const answer = z.object({ bot_agent_id: z.string().min(1) });
      const created = await http({ ...call("create_bot_agent", access, description(webhookSecret)), answer });
      return created.bot_agent_id;
    },

    /** Updates the bot agent and ties it to this token; chat.io logs it out when the token that it is tied to expires. */
    updateBotAgent: (bot: Bot, webhookSecret: string): Promise<void> =>
      http(call("update_bot_agent", bot, { id: bot.botId, ...description(webhookSecret) })),

    /** The ids of this app's bot agents on the license that are named Pizza BOT. */
    findBotAgents: async (access: Access): Promise<string[]> => {
      const answer = z.object({ bot_agents: z.array(z.object({ id: z.string(), name: z.string() })) });
      const { bot_agents: all } = await http({ ...call("get_bot_agents", access, { all: false }), answer });
      return all.filter(({ name }) => name === BOT_NAME).map(({ id }) => id);
    },

    /** Where the bot agent sends its webhooks; null if it sends none. */
    getBotAgentWebhookUrl: async (bot: Bot): Promise<string | null> => {
      const webhooks = z.object({ url: z.string() }).nullish();
      const answer = z.object({ bot_agent: z.object({ webhooks }) });
      const details = await http({
        ...call("get_bot_agent_details", bot, { bot_agent_id: bot.botId }),
        answer,
      });
      return details.bot_agent.webhooks?.url ?? null;
    },

    removeBotAgent: (bot: Bot): Promise<void> =>
      http(call("remove_bot_agent", bot, { bot_agent_id: bot.botId })),
  };
}

function chatCalls(http: Http, { apiVersion }: ChatioClientOptions) {
  const act = (action: string, { account, accessToken: token, botId }: Bot, payload: object) =>
    http({
      name: action,
      method: "POST",
      path: `/agent/${apiVersion}/action/${action}`,
      quota: quotaOf("chatio", account),
      token,
      json: { author_id: botId, payload },
    });
  return {
    joinChat: (bot: Bot, chatId: string) =>
      act("join_chat", bot, { chat_id: chatId, agent_ids: [bot.botId] }),

    /** Not idempotent: repeated, the text appears twice in the chat. */
    sendMessage: (bot: Bot, chatId: string, { text, to }: Reply) => {
      const recipients = to === "everyone" ? "all" : "agents";
      return act("send_event", bot, { chat_id: chatId, event: { type: "message", text, recipients } });
    },

    leaveChat: (bot: Bot, chatId: string) =>
      act("remove_from_chat", bot, { chat_id: chatId, agent_ids: [bot.botId] }),
  };
}

/** As in RFC 6749, 5.2. */
const oauthRefusal = z.object({ error: z.string() }).transform(({ error }) => ({ type: error }));
const apiRefusal = z
  .object({ error: z.object({ type: z.string() }) })
  .transform(({ error }) => ({ type: error.type }));

function readOauthRefusal(body: unknown): PlatformRefusal | null {
  return oauthRefusal.safeParse(body).data ?? null;
}

function readApiRefusal(body: unknown): PlatformRefusal | null {
  return apiRefusal.safeParse(body).data ?? null;
}

/** It is not documented which HTTP status comes with which type, so a known type decides, not the status. */
function outlookOf(type: string): Outlook | null {
  if (["internal", "request_timeout"].includes(type)) return "later";
  const lasting = ["validation", "authorization", "authentication", "license_expired", "unsupported_version"];
  return lasting.includes(type) ? "final" : null;
}
